"""Ways out of a tenant's role, as an injection could try them. ``{other}`` is the other tenant's schema, role and key;
``{oid}`` the object id of a table of its; ``{me}`` the own one.

``INJECTED`` are put into the text of a query of ours; ``STATEMENTS`` are whole statements, for a hole that gives away
the whole text. A bare ``SET ROLE`` is not among those: a transaction begins with one, and PostgreSQL has no right
that forbids it to a member. It cannot be injected, since the extended protocol takes one statement at a time.
"""

from __future__ import annotations

_READ = "select string_agg(title, ',') from {other}.auth_role"

#: stand in place of {hole} in: select code, title from auth_role where code = '{hole}'
INJECTED = {
    "other schema by name": "' union all select code, title from {other}.auth_role --",
    "set_config role": "' union all select set_config('role', '{other}', true), (" + _READ + ") --",
    "set_config role, session-wide": "' union all select set_config('role', '{other}', false), 'x' --",
    "set_config named arguments": "' union all select set_config(setting_name => 'role', new_value => '{other}', "
    "is_local => true), 'x' --",
    "set_config with schema": "' union all select pg_catalog.set_config('role', '{other}', true), 'x' --",
    "set_config search_path": "' union all select set_config('search_path', '{other}', true), (select title from "
    "auth_role limit 1) --",
    "set_config session_authorization": "' union all select set_config('session_authorization', '{other}', true), "
    "'x' --",
    "set_config in query_to_xml": "' union all select 'x', query_to_xml('select set_config(''role'', ''{other}'', "
    "true)', true, false, '')::text --",
    "set role in query_to_xml": "' union all select 'x', query_to_xml('set local role {other}', true, false, '')::text"
    " --",
    "read in query_to_xml": "' union all select 'x', query_to_xml('select * from {other}.auth_role', true, false, "
    "'')::text --",
    "two statements in query_to_xml": "' union all select 'x', query_to_xml('select 1; set local role {other}; "
    "select * from {other}.auth_role', true, false, '')::text --",
    "do block in query_to_xml": "' union all select 'x', query_to_xml('do $$ begin set local role {other}; end $$', "
    "true, false, '')::text --",
    "table_to_xml by object id": "' union all select 'x', table_to_xml({oid}::oid::regclass, true, false, '')::text --",
    "schema_to_xml": "' union all select 'x', schema_to_xml('{other}', true, false, '')::text --",
    "database_to_xml": "' union all select 'x', database_to_xml(true, false, '')::text --",
    "cursor over the other": "' union all select 'x', query_to_xml_and_xmlschema('table {other}.auth_role', true, "
    "false, '')::text --",
    "ts_stat": "' union all select word, word from ts_stat('select to_tsvector(title) from {other}.auth_role') --",
    "ts_rewrite": "' union all select 'x', ts_rewrite('a'::tsquery, 'select title::tsquery, title::tsquery from "
    "{other}.auth_role')::text --",
    "set role behind a semicolon": "'; set role {other}; select code, title from {other}.auth_role --",
    "set local role behind a semicolon": "'; set local role {other}; --",
    "commit behind a semicolon": "'; commit; begin; set local role {other}; select code, title from auth_role --",
    "reset role behind a semicolon": "'; reset role; --",
    "do behind a semicolon": "'; do $$ begin execute 'set local role {other}'; end $$; --",
    "pg_settings in a with": "' or exists (select 1 from pg_settings where name = 'role' and set_config(name, "
    "'{other}', true) is not null) --",
    "large object from a table": "' union all select 'x', lo_from_bytea(0, 'x')::text --",
    "large object from a file": "' union all select 'x', lo_import('/etc/passwd')::text --",
    "large object create": "' union all select 'x', lo_create(4242)::text --",
    "large object to a file": "' union all select 'x', lo_export(1, '/tmp/zhiren-escape')::text --",
    "read a file": "' union all select 'x', pg_read_file('postgresql.conf') --",
    "read a file as bytes": "' union all select 'x', encode(pg_read_binary_file('PG_VERSION'), 'hex') --",
    "list a folder": "' union all select 'x', pg_ls_dir('.') --",
    "sequence of the other": "' union all select 'x', nextval('{other}.audit_event_position_seq')::text --",
    "other's pages": "' union all select 'x', get_raw_page('{other}.auth_role', 0)::text --",
    "dblink": "' union all select 'x', t from dblink('dbname=postgres', 'select 1') as d(t text) --",
    "other's statements": "' union all select usename, query from pg_stat_activity where pid <> pg_backend_pid() and "
    "query like '%canary%' --",
    "other's statistics": "' union all select tablename, most_common_vals::text from pg_stats where schemaname = "
    "'{other}' --",
    "other's statistics, raw": "' union all select 'x', stavalues1::text from pg_statistic where starelid = {oid} --",
    "passwords": "' union all select usename, passwd from pg_shadow --",
    "passwords, raw": "' union all select rolname, rolpassword from pg_authid --",
    "kill the others": "' union all select 'x', pg_terminate_backend(pid)::text from pg_stat_activity where pid <> "
    "pg_backend_pid() and usename = session_user --",
    "write and return": "'; with x as (insert into {other}.auth_role (id, code, title) values (gen_random_uuid(), "
    "'evil', 'evil') returning 1) select * from x --",
}

STATEMENTS = {
    "do block": "do $$ begin execute 'set local role {other}'; end $$",
    "do block in sql": "do language sql 'set local role {other}'",
    "update pg_settings": "update pg_settings set setting = '{other}' where name = 'role'",
    "update pg_settings search_path": "update pg_settings set setting = '{other}' where name = 'search_path'",
    "function in plpgsql": "create function evil() returns int language plpgsql as 'begin set role {other}; return 1; "
    "end'",
    "function in sql": "create function evil() returns int language sql security definer as 'select 1'",
    "function in pg_temp": "create function pg_temp.evil() returns int language sql as 'select 1'",
    "temporary table": "create temp table auth_role (id uuid, code text, title text)",
    "temporary view": "create temp view auth_role as select 1 as id",
    "select into temporary": "select * into temp auth_role from auth_role",
    "create table": "create table {me}.evil (x int)",
    "create table elsewhere": "create table {other}.evil (x int)",
    "create schema": "create schema evil",
    "view with a trap": "create view {me}.evil as select 1",
    "rule": "create rule evil as on select to auth_role do instead select * from {other}.auth_role",
    "trigger": "create trigger evil before insert on auth_role for each row execute function suppress_redundant_"
    "updates_trigger()",
    "policy": "create policy evil on auth_role using (true)",
    "copy from a program": "copy auth_role from program 'id'",
    "copy to a program": "copy auth_role to program 'cat'",
    "copy to a file": "copy auth_role to '/tmp/zhiren-escape'",
    "copy from a file": "copy auth_role (title) from '/etc/passwd'",
    "copy the other": "copy {other}.auth_role to stdout",
    "grant the other": "grant {other} to {me}",
    "grant on the other": "grant usage on schema {other} to {me}",
    "grant set_config": "grant execute on function set_config(text, text, boolean) to public",
    "alter role": "alter role {me} superuser",
    "alter role set": "alter role zhiren_app set role = '{other}'",
    "alter database": "alter database postgres set role = '{other}'",
    "alter system": "alter system set log_statement = 'all'",
    "reassign": "reassign owned by {other} to {me}",
    "drop owned": "drop owned by {other}",
    "default privileges": "alter default privileges for role zhiren_owner grant select on tables to {me}",
    "own the table": "alter table auth_role owner to {me}",
    "disable row security": "alter table {other}.auth_role disable row level security",
    "truncate": "truncate {other}.auth_role",
    "lock the other": "lock table {other}.auth_role",
    "drop the other": "drop schema {other} cascade",
    "extension": "create extension dblink",
    "load a library": "load 'dblink'",
    "foreign server": "create server evil foreign data wrapper postgres_fdw",
    "subscription": "create subscription evil connection 'dbname=postgres' publication p",
    "publication": "create publication evil for all tables",
    "event trigger": "create event trigger evil on ddl_command_start execute function pg_catalog.now()",
    "superuser": "set session authorization postgres",
    "owner": "set role zhiren_owner",
    "rewrite the audit": "update audit_event set action = 'nothing'",
    "delete the audit": "delete from audit_event",
    "rewrite the keys": "update crypto_data_key set wrapped = 'x'",
    "prepare and run": "prepare evil as select * from {other}.auth_role",
    "explain the other": "explain (analyze) select * from {other}.auth_role",
    "cast to the other": "select '{other}.auth_role'::regclass",
}
