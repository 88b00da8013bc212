from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.ledger.amounts import exact
from atrium.ledger.holders import holders_named
from atrium.ledger.models import Account
from atrium.web.console import ConsoleAdmin


@admin.register(Account)
class AccountAdmin(ConsoleAdmin):
    title = gettext_lazy("Accounts")
    order = 400
    areas = ("finance",)
    list_display = ("whose", "purpose", "asset", "balance_said")
    list_filter = ("purpose", "asset")
    search_fields = ("holder",)
    search_help_text = gettext_lazy("The name of a person, or a holder as it is written.")
    ordering = ("-id",)
    fields = ("id", "whose", "holder", "purpose", "asset", "balance_said", "postings")
    empty_says = gettext_lazy("Whoever is given credits has an account here.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term.strip():
            return queryset.filter(holder__in=holders_named(search_term.strip())), False
        return queryset, False

    @admin.display(description=gettext_lazy("of whom"), ordering="holder")
    def whose(self, account: Account) -> str:
        return self.who(account.holder)

    @admin.display(description=gettext_lazy("balance"), ordering="balance")
    def balance_said(self, account: Account) -> SafeString | str:
        if account.balance is None:
            return "—"
        return format_html('<span class="nowrap">{}</span>', exact(account.balance, account.asset))

    @admin.display(description=gettext_lazy("entries"))
    def postings(self, account: Account) -> SafeString:
        where = f"{reverse('admin:ledger_entry_changelist')}?q={account.holder}"
        return format_html('<a href="{}">{}</a>', where, _("What moved"))
