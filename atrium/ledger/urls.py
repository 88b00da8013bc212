from django.urls import path

from atrium.ledger.pages import statement

app_name = "ledger"
urlpatterns = [
    path("wallet/statement", statement.statement, name="statement"),
    path("wallet/statement.csv", statement.statement_csv, name="statement_csv"),
]
