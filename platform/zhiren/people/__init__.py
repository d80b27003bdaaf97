"""Who works with whom: what the platform asks of the organisation, and which of the people can log in.

The module that knows the organisation hands in a ``Directory``; accounts are the platform's own.
"""

from zhiren.people.accounts import Account, accounts, accounts_of_employees, find, in_roles, one, role_list, roles_of
from zhiren.people.directory import Colleague, Directory, directory, register_directory

__all__ = [
    "Account",
    "Colleague",
    "Directory",
    "accounts",
    "accounts_of_employees",
    "directory",
    "find",
    "in_roles",
    "one",
    "register_directory",
    "role_list",
    "roles_of",
]
