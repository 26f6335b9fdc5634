-- What one database of a PostgreSQL cluster says about who may do what, as one JSON object. PostgreSQL 13 to 18.
--
--     psql -XAt -d DATABASE -f capture.sql > DATABASE.json
--
-- Any role that may connect can run it; what its role may not see is listed under "denied". It reads catalogs alone, in
-- one read-only transaction, waits for no lock, and reads no row of any table, no password and no function's body. Run it once for
-- each database: the documents of one cluster are put together by the system identifier.
--
-- Each statement prints one member of the object. A statement that fails prints nothing: its member is then absent, "denied"
-- says why, and the rest goes on.
\set QUIET on
\set ON_ERROR_ROLLBACK on
\set ON_ERROR_STOP off
\pset format unaligned
\pset tuples_only on
\pset fieldsep '|'
\pset null ''
\pset pager off
\encoding UTF8
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL search_path = pg_catalog;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
SET LOCAL bytea_output = 'hex';
SET LOCAL quote_all_identifiers = off;

SELECT current_setting('server_version_num')::int >= 140000 AS v14,
       current_setting('server_version_num')::int >= 150000 AS v15,
       has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS control \gset
\set denied '[]'
\set note 'SELECT :''denied''::jsonb || jsonb_build_object(''what'', :''member'', ''why'', :''LAST_ERROR_MESSAGE'', ''code'', :''LAST_ERROR_SQLSTATE'') AS denied'

SELECT '{"foursee_postgres":1'
  || ',"server_version_num":' || current_setting('server_version_num')
  || ',"server_version":' || to_json(current_setting('server_version'))
  || ',"current_database":' || to_json(current_database()::text)
  || ',"current_user":' || to_json(current_user::text);

-- Text, not a number: it is wider than what many readers of JSON keep.
\if :control
SELECT ',"system_identifier":' || to_json(system_identifier::text) FROM pg_control_system();
\else
SELECT ',"system_identifier":null';
\set denied '[{"what":"system_identifier","why":"permission denied for function pg_control_system","code":"42501","closes":"GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO the reader"}]'
\endif

SELECT ',"roles":' || coalesce(json_agg(json_strip_nulls(json_build_object(
    'name', rolname, 'oid', oid::int8, 'super', rolsuper, 'inherit', rolinherit, 'createrole', rolcreaterole,
    'createdb', rolcreatedb, 'login', rolcanlogin, 'replication', rolreplication, 'bypassrls', rolbypassrls,
    'conn_limit', rolconnlimit, 'valid_until', rolvaliduntil,
    'comment', shobj_description(oid, 'pg_authid'),
    -- Names of settings alone: a value may be a secret.
    'config', (SELECT json_agg(split_part(one, '=', 1)) FROM unnest(rolconfig) AS one)))
  ORDER BY rolname), '[]') FROM pg_roles;
\if :ERROR
\set member roles
:note \gset
\endif

-- Options by name: inherit_option and set_option are there from 16 on.
SELECT ',"memberships":' || coalesce(json_agg(json_strip_nulls(json_build_object(
    'role', pg_get_userbyid(m.roleid), 'member', pg_get_userbyid(m.member), 'grantor', pg_get_userbyid(m.grantor),
    'admin', m.admin_option, 'inherit', (to_jsonb(m) ->> 'inherit_option')::bool,
    'set', (to_jsonb(m) ->> 'set_option')::bool))
  ORDER BY pg_get_userbyid(m.roleid), pg_get_userbyid(m.member), pg_get_userbyid(m.grantor)), '[]')
  FROM pg_auth_members m;
\if :ERROR
\set member memberships
:note \gset
\endif

SELECT ',"databases":' || coalesce(json_agg(json_build_object(
    'name', datname, 'owner', pg_get_userbyid(datdba), 'acl', datacl::text[], 'allow_connections', datallowconn,
    'template', datistemplate, 'comment', shobj_description(oid, 'pg_database')) ORDER BY datname), '[]')
  FROM pg_database;
\if :ERROR
\set member databases
:note \gset
\endif

SELECT ',"tablespaces":' || coalesce(json_agg(json_build_object(
    'name', spcname, 'owner', pg_get_userbyid(spcowner), 'acl', spcacl::text[]) ORDER BY spcname), '[]')
  FROM pg_tablespace;
\if :ERROR
\set member tablespaces
:note \gset
\endif

SELECT ',"schemas":' || coalesce(json_agg(json_build_object(
    'name', nspname, 'owner', pg_get_userbyid(nspowner), 'acl', nspacl::text[],
    'comment', obj_description(oid, 'pg_namespace')) ORDER BY nspname), '[]')
  FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)';
\if :ERROR
\set member schemas
:note \gset
\endif

-- Tables, partitioned and foreign tables, views, materialised views and sequences, the system's too.
SELECT ',"relations":' || coalesce(json_agg(json_build_object(
    'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'oid', c.oid::int8, 'owner', pg_get_userbyid(c.relowner),
    'acl', c.relacl::text[], 'row_security', c.relrowsecurity, 'force_row_security', c.relforcerowsecurity,
    'security_invoker', coalesce((SELECT option_value::bool FROM pg_options_to_table(c.reloptions)
      WHERE option_name = 'security_invoker'), false),
    'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'extension', (SELECT e.extname FROM pg_depend x JOIN pg_extension e ON e.oid = x.refobjid
      WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0 AND x.deptype = 'e'
        AND x.refclassid = 'pg_extension'::regclass),
    'comment', CASE WHEN c.oid >= 16384 THEN obj_description(c.oid, 'pg_class') END)
  ORDER BY n.nspname, c.relname), '[]')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname !~ '^pg_(toast|temp)';
\if :ERROR
\set member relations
:note \gset
\endif

-- Columns that have grants of their own or a comment. System columns (attnum below 0) can have grants too.
SELECT ',"columns":' || coalesce(json_agg(json_build_object(
    'schema', n.nspname, 'relation', c.relname, 'name', a.attname, 'number', a.attnum, 'acl', a.attacl::text[],
    'comment', d.description) ORDER BY n.nspname, c.relname, a.attnum), '[]')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
    AND a.attnum > 0 AND c.oid >= 16384
  WHERE NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname !~ '^pg_(toast|temp)'
    AND (a.attacl IS NOT NULL OR d.description IS NOT NULL);
\if :ERROR
\set member columns
:note \gset
\endif

-- Functions of the system only where somebody changed who may call them, or nobody may by default.
SELECT ',"functions":' || coalesce(json_agg(json_build_object(
    'schema', n.nspname, 'name', p.proname, 'kind', p.prokind, 'owner', pg_get_userbyid(p.proowner),
    'arguments', (SELECT coalesce(json_agg(format_type(one, NULL) ORDER BY at), '[]')
      FROM unnest(p.proargtypes) WITH ORDINALITY AS u (one, at)),
    'acl', p.proacl::text[], 'definer', p.prosecdef, 'language', l.lanname, 'leakproof', p.proleakproof,
    'config', (SELECT json_agg(CASE WHEN one LIKE 'search_path=%' THEN one ELSE split_part(one, '=', 1) END)
      FROM unnest(p.proconfig) AS one),
    'atomic', coalesce(to_jsonb(p) ->> 'prosqlbody', '') <> '',
    'extension', (SELECT e.extname FROM pg_depend x JOIN pg_extension e ON e.oid = x.refobjid
      WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND x.objsubid = 0 AND x.deptype = 'e'
        AND x.refclassid = 'pg_extension'::regclass),
    'comment', CASE WHEN p.oid >= 16384 THEN obj_description(p.oid, 'pg_proc') END)
  ORDER BY n.nspname, p.proname, p.proargtypes::oid[]), '[]')
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE p.oid >= 16384 OR p.proacl IS NOT NULL OR p.prosecdef;
\if :ERROR
\set member functions
:note \gset
\endif

SELECT ',"languages":' || coalesce(json_agg(json_build_object(
    'name', lanname, 'owner', pg_get_userbyid(lanowner), 'acl', lanacl::text[], 'trusted', lanpltrusted)
  ORDER BY lanname), '[]') FROM pg_language;
\if :ERROR
\set member languages
:note \gset
\endif

-- Types that were made here, but those of tables and arrays; and the system's that somebody changed.
SELECT ',"types":' || coalesce(json_agg(json_build_object(
    'schema', n.nspname, 'name', t.typname, 'kind', t.typtype, 'owner', pg_get_userbyid(t.typowner),
    'acl', t.typacl::text[],
    -- A multirange (14 and later) has, from 17 on, the grants of its range.
    'range', (SELECT json_build_array(rn.nspname, rt.typname) FROM pg_range r JOIN pg_type rt ON rt.oid = r.rngtypid
      JOIN pg_namespace rn ON rn.oid = rt.typnamespace
      WHERE (to_jsonb(r) ->> 'rngmultitypid')::oid = t.oid AND t.typtype = 'm'))
  ORDER BY n.nspname, t.typname), '[]')
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE NOT (t.typelem <> 0 AND t.typlen = -1 AND t.typname LIKE '\_%')
    AND (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_class c WHERE c.oid = t.typrelid))
    AND (t.oid >= 16384 OR t.typacl IS NOT NULL);
\if :ERROR
\set member types
:note \gset
\endif

SELECT ',"foreign_data_wrappers":' || coalesce(json_agg(json_build_object(
    'name', fdwname, 'owner', pg_get_userbyid(fdwowner), 'acl', fdwacl::text[]) ORDER BY fdwname), '[]')
  FROM pg_foreign_data_wrapper;
\if :ERROR
\set member foreign_data_wrappers
:note \gset
\endif

-- Options of servers may hold secrets: left out.
SELECT ',"foreign_servers":' || coalesce(json_agg(json_build_object(
    'name', s.srvname, 'wrapper', f.fdwname, 'owner', pg_get_userbyid(s.srvowner), 'acl', s.srvacl::text[])
  ORDER BY s.srvname), '[]')
  FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw;
\if :ERROR
\set member foreign_servers
:note \gset
\endif

\if :v15
SELECT ',"parameters":' || coalesce(json_agg(json_build_object('name', parname, 'acl', paracl::text[])
  ORDER BY parname), '[]') FROM pg_parameter_acl;
\if :ERROR
\set member parameters
:note \gset
\endif
\else
SELECT ',"parameters":[]';
\endif

SELECT ',"default_acls":' || coalesce(json_agg(json_build_object(
    'creator', pg_get_userbyid(d.defaclrole), 'schema', n.nspname, 'type', d.defaclobjtype, 'acl', d.defaclacl::text[])
  ORDER BY pg_get_userbyid(d.defaclrole), n.nspname NULLS FIRST, d.defaclobjtype), '[]')
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace;
\if :ERROR
\set member default_acls
:note \gset
\endif

-- Policies without their expressions: whom they are for, and what they are about.
SELECT ',"policies":' || coalesce(json_agg(json_build_object(
    'schema', n.nspname, 'relation', c.relname, 'name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
    'roles', (SELECT json_agg(CASE WHEN one = 0 THEN '' ELSE pg_get_userbyid(one)::text END) FROM unnest(p.polroles) AS one),
    'public', 0 = ANY (p.polroles))
  ORDER BY n.nspname, c.relname, p.polname), '[]')
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace;
\if :ERROR
\set member policies
:note \gset
\endif

SELECT ',"inheritance":' || coalesce(json_agg(json_build_object(
    'schema', cn.nspname, 'relation', c.relname, 'parent_schema', pn.nspname, 'parent', p.relname)
  ORDER BY cn.nspname, c.relname, pn.nspname, p.relname), '[]')
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f');
\if :ERROR
\set member inheritance
:note \gset
\endif

-- What views and materialised views read; not their text.
SELECT ',"view_uses":' || coalesce(json_agg(json_build_object(
    'schema', vn.nspname, 'view', v.relname, 'relation_schema', n.nspname, 'relation', c.relname)
  ORDER BY vn.nspname, v.relname, n.nspname, c.relname), '[]')
  FROM (SELECT DISTINCT r.ev_class, d.refobjid FROM pg_rewrite r
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    WHERE r.rulename = '_RETURN' AND r.ev_class >= 16384 AND d.refobjid <> r.ev_class) u
  JOIN pg_class v ON v.oid = u.ev_class JOIN pg_namespace vn ON vn.oid = v.relnamespace
  JOIN pg_class c ON c.oid = u.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace;
\if :ERROR
\set member view_uses
:note \gset
\endif

SELECT ',"extensions":' || coalesce(json_agg(json_build_object(
    'name', e.extname, 'schema', n.nspname, 'version', e.extversion, 'owner', pg_get_userbyid(e.extowner))
  ORDER BY e.extname), '[]')
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace;
\if :ERROR
\set member extensions
:note \gset
\endif

SELECT ',"settings":' || coalesce(json_object_agg(name, setting ORDER BY name), '{}') FROM pg_settings
  WHERE name IN ('createrole_self_grant', 'lo_compat_privileges', 'password_encryption', 'port', 'row_security',
    'ssl', 'listen_addresses', 'session_preload_libraries', 'shared_preload_libraries');
\if :ERROR
\set member settings
:note \gset
\endif

SELECT ',"denied":' || :'denied'::json || '}';
COMMIT;
