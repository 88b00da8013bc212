from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.plans.actions.low_balance import choose_threshold
from atrium.plans.low_balance_form import LowBalanceForm
from atrium.plans.pages.asking import me_in
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="member")
def low_balance(request: HttpRequest) -> HttpResponse:
    """Let a person choose below how many credits they are told; an empty field is the house's."""
    form = LowBalanceForm(request.POST if request.method == "POST" else None, person=me_in(request))
    if request.method == "POST" and form.is_valid():
        choose_threshold(person=me_in(request), below=form.cleaned_data["below"])
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("wallet:room"))
    status = 422 if form.errors else 200
    return render_page(request, "plans/low_balance.html", {"form": form}, status=status)
