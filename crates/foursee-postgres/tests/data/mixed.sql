-- What mixed-18.json and mixed-15.json were captured from: odd names, and every shape that lowering knows.
--
--     createdb mixed && psql -d mixed -v ON_ERROR_STOP=1 -f mixed.sql
--     psql -XAt -d mixed -f ../../sql/capture.sql > mixed-18.json
SELECT current_setting('server_version_num')::int >= 160000 AS v16 \gset
CREATE ROLE owner_one NOLOGIN;
CREATE ROLE readers NOLOGIN;
CREATE ROLE writers NOLOGIN;
CREATE ROLE dba NOLOGIN SUPERUSER;
CREATE ROLE break_glass NOLOGIN;
CREATE ROLE app LOGIN;
CREATE ROLE batch LOGIN NOINHERIT;
CREATE ROLE "Odd.Role" LOGIN VALID UNTIL '2027-01-01 00:00:00+00';
CREATE ROLE analyst LOGIN;
CREATE ROLE maker LOGIN CREATEROLE;
CREATE ROLE loader LOGIN;
CREATE ROLE root_login LOGIN SUPERUSER;
COMMENT ON ROLE app IS 'owner: team-app';
GRANT readers TO app, writers;
GRANT writers TO batch;
GRANT readers TO "Odd.Role" WITH ADMIN OPTION;
GRANT dba TO break_glass;
GRANT break_glass TO batch;
GRANT pg_read_all_data TO analyst;
GRANT pg_execute_server_program TO loader;
GRANT pg_write_server_files TO maker;
\if :v16
CREATE ROLE only_set LOGIN;
CREATE ROLE only_inherit LOGIN;
GRANT writers TO only_set WITH INHERIT FALSE, SET TRUE;
GRANT writers TO only_inherit WITH INHERIT TRUE, SET FALSE;
GRANT dba TO only_inherit WITH INHERIT TRUE, SET FALSE;
\endif
REVOKE CONNECT ON DATABASE mixed FROM PUBLIC;
GRANT CONNECT ON DATABASE mixed TO app, batch, "Odd.Role", analyst, loader, readers;
ALTER DATABASE mixed OWNER TO maker;
COMMENT ON DATABASE mixed IS 'owner: team-data';
CREATE SCHEMA s AUTHORIZATION owner_one;
CREATE SCHEMA "Odd Schema";
CREATE SCHEMA closed;
GRANT USAGE ON SCHEMA s TO readers;
GRANT USAGE ON SCHEMA closed TO writers;
GRANT USAGE, CREATE ON SCHEMA "Odd Schema" TO PUBLIC;
CREATE TABLE s.customers (id int PRIMARY KEY, email text, secret text);
ALTER TABLE s.customers OWNER TO owner_one;
COMMENT ON TABLE s.customers IS 'owner: team-data; data-class: customer';
CREATE TABLE s.orders (id int, tenant text);
ALTER TABLE s.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON s.orders FOR SELECT TO readers USING (tenant = current_user);
CREATE TABLE s.hidden (id int);
ALTER TABLE s.hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE "Odd Schema"."T.1" (id int);
COMMENT ON COLUMN "Odd Schema"."T.1".id IS 'pii: true';
CREATE TABLE closed.t (id int);
CREATE TABLE closed.u (id int);
CREATE TABLE s.parts (id int) PARTITION BY LIST (id);
CREATE TABLE s.part_1 PARTITION OF s.parts FOR VALUES IN (1);
CREATE VIEW s.view AS SELECT id FROM s.customers;
CREATE VIEW s.own_eyes WITH (security_invoker = true) AS SELECT id FROM s.customers;
CREATE SEQUENCE closed.numbers;
GRANT SELECT (id, email), UPDATE (email) ON s.customers TO readers;
GRANT SELECT ON s.orders TO readers;
GRANT SELECT, DELETE ON s.hidden TO writers;
GRANT ALL ON s.parts TO writers;
GRANT SELECT ON "Odd Schema"."T.1" TO PUBLIC;
-- readers have no USAGE on closed; writers, who inherit readers, have.
GRANT SELECT ON closed.t TO readers;
GRANT SELECT ON closed.u TO analyst, "Odd.Role";
GRANT USAGE ON SEQUENCE closed.numbers TO readers;
GRANT SELECT ON s.view TO app WITH GRANT OPTION;
GRANT SELECT ON pg_catalog.pg_authid TO loader;
GRANT SELECT ON s.customers TO pg_database_owner;
GRANT USAGE ON SCHEMA s TO pg_database_owner;
CREATE FUNCTION s.safe(int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = s, pg_temp AS 'SELECT 1';
CREATE FUNCTION "Odd Schema".risky(a text, b int[]) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION s.plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION s.plain() FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE owner_one IN SCHEMA s GRANT SELECT ON TABLES TO readers;
GRANT SET ON PARAMETER log_statement TO maker;
