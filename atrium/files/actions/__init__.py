"""What can be done with files: keep, delete, restore, purge; and uploads in pieces."""

from atrium.files.actions.files import (
    EmptyFile,
    NobodyKeeps,
    UploadEnded,
    delete_file,
    keep_upload,
    purge_file,
    restore_file,
)
from atrium.files.actions.uploads import (
    BeingWritten,
    Checksum,
    MoreThanLength,
    TooManyUploads,
    WrongChecksum,
    WrongOffset,
    append,
    end_upload,
    finish_upload,
    open_upload,
)
from atrium.files.actions.usage import (
    DiskFull,
    FileTooLarge,
    QuotaReached,
    TooManyFiles,
    UploadsUsedUp,
    recount,
)
from atrium.files.queries import open_bytes, path_of
from atrium.files.verdict import Damaged, KindNotTaken, NotWhatItSays, UnpacksTooLarge

__all__ = [
    "BeingWritten",
    "Checksum",
    "Damaged",
    "DiskFull",
    "EmptyFile",
    "FileTooLarge",
    "KindNotTaken",
    "MoreThanLength",
    "NobodyKeeps",
    "NotWhatItSays",
    "QuotaReached",
    "TooManyFiles",
    "TooManyUploads",
    "UnpacksTooLarge",
    "UploadEnded",
    "UploadsUsedUp",
    "WrongChecksum",
    "WrongOffset",
    "append",
    "delete_file",
    "end_upload",
    "finish_upload",
    "keep_upload",
    "open_bytes",
    "open_upload",
    "path_of",
    "purge_file",
    "recount",
    "restore_file",
]
