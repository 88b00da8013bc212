"""What engines keep is the operator's."""

from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import nobodys

nobodys("engines.Provider", _("The operator’s engines; their keys are sealed."))
nobodys("engines.Model", _("The models that the operator offers."))
nobodys("engines.Cost", _("What a provider asks of the operator for a model."))
nobodys("engines.Spent", _("How much of a day’s budget an engine used; of nobody in particular."))
