"""Who carries messages out of the house: one protocol, one file for each kind of carrier.

A provider is given a parcel outside any transaction and answers with a receipt, or says what is wrong: ``TryLater``
when the same may work in a while, ``Refused`` when it will not.
"""

from zhiren.notices.providers.base import Parcel, Place, Provider, Receipt, Refused, TryLater

__all__ = ["Parcel", "Place", "Provider", "Receipt", "Refused", "TryLater"]
