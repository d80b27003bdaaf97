"""What the law says, as pure functions over integer fen: no file, no clock, no session.

Figures are never written here; they come in as ``parameters``, read from ``modules/payroll/legal/*.toml``.
"""
