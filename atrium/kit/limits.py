"""Every bound of the product in one table, so that it can be stated before it is hit.

What an operator may lower or raise at run time is an option; its maximum stands here.
"""

from dataclasses import dataclass

KB = 1_000
MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Bytes, pages, pixels, seconds, depth and concurrency. Units stand last in each name."""

    # What a request may carry
    form_bytes: int = 1 * MB
    """Body of a page's form and of any route without a prefix of its own."""
    api_bytes: int = 2 * MB
    """Body of a call to our own JSON API."""
    compat_bytes: int = 32 * MB
    """Body of a call in another client's protocol (``/v1``): long prompts, pictures in base64."""
    webhook_bytes: int = 256 * KB
    """Body of a gateway's webhook; more is refused before it is read."""
    upload_bytes: int = 200 * MB
    """One file. The option ``files.largest_mb`` may only lower it."""
    upload_overhead_bytes: int = 1 * MB
    """What multipart boundaries and the other fields add to an uploaded file."""
    tus_chunk_bytes: int = 64 * MB
    """One piece of a resumable upload."""
    header_bytes: int = 64 * KB
    """All headers of one request together."""
    headers: int = 100
    """How many headers one request has."""
    target_bytes: int = 8 * KB
    """Path and query string of one request."""
    form_fields: int = 1_000
    """How many fields one form has."""
    form_files: int = 20
    """How many files one form brings."""
    header_seconds: float = 10
    """How long the headers of one request may take to arrive."""
    body_idle_seconds: float = 30
    """How long nothing may arrive in the middle of a body."""
    small_body_bytes: int = 64 * KB
    """What is counted among no bodies under way, so that signing in stays possible."""
    bodies_per_address: int = 64
    """Larger bodies under way from one network at once, in each web process."""
    body_bytes_per_address: int = 1_000 * MB
    """What has come of them, and is not answered yet."""
    bodies: int = 256
    """Larger bodies under way from everywhere; each keeps at most 1 MB in memory."""
    body_bytes: int = 4_000 * MB
    """What has come of them, and lies on the disk until it is answered."""

    # JSON
    json_depth: int = 64
    """How deep arrays and objects may be nested."""
    json_members: int = 200_000
    """How many values one document may hold."""

    # Text a person writes
    name_characters: int = 200
    """A file's name, a chat's title, and whatever else has one line."""
    announcement_characters: int = 500
    """What the operator tells everybody in one bar."""
    message_characters: int = 32_000
    """One question of a chat."""
    query_characters: int = 500
    """What is typed into a search box."""
    question_words: int = 24
    """Different words of a question by which passages are found and compared."""
    note_characters: int = 2_000
    """A reason, a description, a comment in a list."""

    # Files and what is read out of them
    text_bytes: int = 20 * MB
    """A plain text file that is read for answers."""
    pdf_bytes: int = 100 * MB
    """A PDF that is read for answers."""
    document_pages: int = 5_000
    """Pages, slides or sheets read out of one document."""
    document_characters: int = 20 * MB
    """Text kept of one document; more is cut, and said."""
    archive_members: int = 20_000
    """Members of a container (DOCX, PPTX, XLSX, EPUB)."""
    archive_bytes: int = 256 * MB
    """What all members of a container may unpack to, counted while unpacking."""
    table_cells: int = 1_000_000
    """Cells read out of one spreadsheet."""
    passages: int = 50_000
    """Passages one document is cut into."""
    passage_characters: int = 1_200
    """One passage."""
    quoted_passages: int = 8
    """Passages laid before a model for one answer."""
    image_pixels: int = 50_000_000
    """Width times height of a picture that is opened."""
    image_side_pixels: int = 16_384
    """The longer side of a picture that is opened."""
    asked_picture_bytes: int = 20 * MB
    """A picture that a question is asked with, as it came."""
    pictures_per_question: int = 6
    """Pictures of one question."""
    pictures_along: int = 12
    """Pictures of it and of earlier questions, which go to the engine together."""
    sound_bytes: int = 25 * MB
    """A recording that a program sends to be transcribed."""
    sound_seconds: int = 4 * 3_600
    """A recording that is transcribed."""

    # The child process that reads what strangers made
    child_memory_bytes: int = 512 * 1024 * 1024
    """Address space."""
    child_cpu_seconds: int = 30
    """Time on the processor."""
    child_wall_seconds: float = 60
    """Time by the clock."""
    child_answer_bytes: int = 64 * MB
    """What it may hand back."""
    child_file_bytes: int = 256 * MB
    """Any file it writes."""
    child_open_files: int = 64
    """Files it holds open at once."""
    children: int = 2
    """Child processes at once in one worker."""

    # What we fetch
    fetch_bytes: int = 20 * MB
    """An answer from an address that a person gave."""
    fetch_seconds: float = 15
    """The whole of such a call, names included."""
    vouching_bytes: int = 256 * KB
    """An answer from a provider that vouches for people."""
    vouching_seconds: float = 10
    """The whole of such a call."""
    engine_seconds: float = 600
    """The whole of a call to an engine."""
    engine_connect_seconds: float = 10
    """How long it may take until an engine picks up."""
    engine_first_seconds: float = 180
    """How long an engine may think, or load a model, before the head of its answer comes."""
    engine_idle_seconds: float = 90
    """How long an engine may be silent in the middle of an answer."""
    engine_line_bytes: int = 1 * MB
    """One line of an engine's stream."""
    engine_answer_bytes: int = 16 * MB
    """The whole of an engine's stream."""

    # Pages and lists
    page_items: int = 50
    """Items on one page of a list when nothing else is asked."""
    page_items_most: int = 200
    """Items on one page, at most."""
    turns: int = 50
    """Questions and answers of one chat on one page."""
    history_turns: int = 2_000
    """Earlier turns of a chat that may go along with a question."""
    versions_per_turn: int = 100
    """Versions of one question, or answers to it."""
    instructions_characters: int = 16_000
    """What a chat or a preset tells its models to keep to."""
    presets_per_person: int = 100
    """Presets that somebody keeps."""
    search_hits: int = 50
    """Hits of one search."""
    export_rows: int = 100_000
    """Rows of one exported table."""

    # Concurrency
    streams_per_person: int = 20
    """Event streams one person or guest holds open."""
    answers_per_person: int = 4
    """Answers being written for one person at once."""
    answers_per_guest: int = 2
    """Answers being written for one guest at once."""
    uploads_per_person: int = 4
    """Files one person sends at once."""
    jobs_waiting_per_person: int = 500
    """Jobs of one person in the queue."""
    engine_calls_waiting: int = 64
    """Calls that wait for a place at one engine, in each web process."""
    engine_waiting_seconds: float = 10
    """How long each of them waits."""
    calls_per_key: int = 64
    """Calls with one API key at once, in each web process."""
    compat_messages: int = 2_000
    """Messages of one call under ``/v1``."""
    compat_answers: int = 8
    """Answers to one call under ``/v1``, where it asks for several."""
    compat_tools: int = 128
    """Tools that one call under ``/v1`` offers."""
    compat_stops: int = 16
    """Texts that end an answer of one call under ``/v1``."""
    compat_stop_characters: int = 1_000
    """One of them."""
    compat_pictures: int = 64
    """Pictures, recordings and files that come along with one call under ``/v1``."""
    collaborators: int = 50
    """People one chat is shared with, those who have not answered yet included."""
    chat_invitations_per_day: int = 100
    """Invitations into chats by one person."""
    treat_tokens: int = 10_000_000_000
    """Tokens that an owner pays for others in one chat."""
    files_per_person: int = 10_000
    """Files one person keeps."""
    files_per_chat: int = 200
    """Files one chat may quote."""
    folders_per_person: int = 200
    """Folders for chats of one person or guest."""
    folder_instruction_characters: int = 8_000
    """What a folder says to the models that are asked in it."""
    import_bytes: int = 100 * MB
    """A file with chats from another place."""
    import_seconds: int = 120
    """Time on the processor to read it."""
    imported_chats: int = 20_000
    """Chats in one such file."""
    imported_turns: int = 500_000
    """Turns of all those chats."""
    imported_characters: int = 200_000
    """One turn that is brought in; more is cut."""
    pinned_chats: int = 50
    """Chats that one person or guest keeps above the others."""
    shared_copies_per_person: int = 500
    """Copies of chats that one person shares at once."""
    shared_turns: int = 2_000
    """Questions and answers of one of them."""
    forks_a_day: int = 100
    """Shared chats that one person or guest goes on with in a day."""
    keys_per_person: int = 50
    """API keys of one person."""
    key_spend_credits: int = 1_000_000_000
    """The highest spending limit of one API key; more is no limit."""
    apps_per_person: int = 100
    """Apps in which one person is signed in; the one used longest ago makes room."""

    # Who comes in
    password_characters: int = 1_000
    """A password; hashing a longer one would only cost."""
    sign_in_window_seconds: int = 900
    """How long tries to sign in are remembered."""
    sign_in_tries_per_name_and_address: int = 5
    """Tries for one name from one network within that time; a success starts it over."""
    sign_in_tries_per_name: int = 40
    """Tries for one name from everywhere."""
    sign_in_tries_per_address: int = 60
    """Tries for all names from one network."""
    sign_in_tries_everywhere: int = 5_000
    """Tries for all names from everywhere: what an installation sees only under attack."""
    second_factor_tries: int = 5
    """Codes tried for one person within the same time; a right one starts it over."""
    second_factor_tries_a_day: int = 50
    """Codes tried for one person in a day: a guess of six digits then succeeds once in decades."""
    passkey_sign_ins_per_address_an_hour: int = 300
    """Passkeys asked for at the sign-in from one network; each opens a session that may wait."""
    code_characters: int = 40
    """A code as it is typed, with spaces and dashes."""
    passkeys: int = 25
    """Passkeys of one person."""
    passkey_name_characters: int = 60
    """What a person calls a passkey."""
    sign_ups_per_address_an_hour: int = 30
    """Accounts made from one network."""
    guests_per_address_an_hour: int = 300
    """Visitors who became guests from one network."""
    request_threads: int = 24
    """Requests that one web process answers at once; streams are beside them."""
    invitation_uses: int = 1_000
    """How many people one invitation lets in."""
    invitation_days: int = 365
    """How long one invitation works."""
    terms_characters: int = 200_000
    """Terms of use or a privacy notice, as written."""
    portrait_bytes: int = 5 * MB
    """A picture that a person shows of themselves, as it is sent."""
    portraits_an_hour: int = 30
    """How often one person changes it: each is drawn anew in a process of its own."""
    email_changes_a_day: int = 5
    """How often one person says a new mail address, or has its link sent again."""
    mail_address_characters: int = 254
    """One mail address."""
    mail_addresses_per_person: int = 5
    """Mail addresses of one account, confirmed or not."""
    letters_per_address_an_hour: int = 5
    """Letters with a link that strangers may have sent to one mail address."""
    resets_per_address_an_hour: int = 20
    """New passwords asked for by mail from one network."""
    rescue_codes: int = 10
    """Codes that set a new password without mail."""

    # Calls to the JSON API, each within a minute
    api_calls_per_caller: int = 600
    """All calls of one person, guest or key."""
    api_changes_per_caller: int = 120
    """Those calls that change something, per operation."""
    api_calls_per_address: int = 1_200
    """All calls from one network."""
    idempotency_hours: int = 24
    """How long an ``Idempotency-Key`` is remembered."""
    idempotency_key_characters: int = 200
    """One ``Idempotency-Key``."""
    idempotency_answer_bytes: int = 256 * KB
    """An answer kept for a repeated call."""

    # Buying
    coupon_tries_an_hour: int = 20
    """Codes that one person or guest tries within an hour; those that work are not counted."""
    coupon_tries_per_address_an_hour: int = 100
    """Codes tried from one network: a guest can come anew with every try."""
    purchases_an_hour: int = 40
    """Payments for credits that one person or guest opens within an hour."""
    purchases_per_address_an_hour: int = 400
    """Those of one network: a guest can come anew with every one."""
    coupon_uses: int = 1_000_000
    """How often one coupon works in all."""

    # Moderation
    blocks_per_person: int = 1_000
    """Names one person blocks."""
    blocks_an_hour: int = 60
    """Names one person blocks within an hour."""
    reports_a_day: int = 20
    """Reports of one person or guest."""
    guest_reports_per_address_a_day: int = 60
    """Reports of all guests of one network: a guest can come anew with every report."""

    # Addresses and hints
    signed_address_seconds: int = 600
    """How long a signed address of a private file works."""
    bell_bytes: int = 7_000
    """A hint between processes; PostgreSQL carries at most 8,000."""
    cursor_characters: int = 1_000
    """The mark of a place in a list, as it comes back from a client."""


LIMITS = Limits()
