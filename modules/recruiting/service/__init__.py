"""Use cases of recruiting: no HTTP, no SQL, no commit."""
