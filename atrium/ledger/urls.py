from django.urls import path

from atrium.ledger.pages import days, statement

app_name = "ledger"
urlpatterns = [
    path("wallet/statement", statement.statement, name="statement"),
    path("wallet/statement.csv", statement.statement_csv, name="statement_csv"),
    path("wallet/statement/proof/<int:line>", days.proof, name="proof"),
    path("wallet/statement/check.py", days.script, name="script"),
    path("ledger/days", days.days, name="days"),
]
