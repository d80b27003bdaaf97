"""Chinese people who do not exist, as in the demonstration."""

from ops.demo.people import GIVEN, REGIONS, SURNAMES, bank_account, id_number, mobile, person_name

__all__ = ["GIVEN", "REGIONS", "SURNAMES", "bank_account", "id_number", "mobile", "person_name"]
