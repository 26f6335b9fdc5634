-- The database of shop: roles, schemas, tables, grants, comments. PostgreSQL 15 or newer.
--
--     createdb shop && psql -d shop -v ON_ERROR_STOP=1 -f tests/servers/shop/postgres.sql
--
-- Run it as a superuser in an empty database named shop. No role gets a password here.

-- Groups: what may be done. They do not log in.
CREATE ROLE crm_owner NOLOGIN;
CREATE ROLE sales_owner NOLOGIN;
CREATE ROLE payments_owner NOLOGIN;
CREATE ROLE reports_owner NOLOGIN;
CREATE ROLE customer_read NOLOGIN;
CREATE ROLE app_read NOLOGIN;
CREATE ROLE app_write NOLOGIN;
CREATE ROLE payments_app NOLOGIN;
CREATE ROLE migrator NOLOGIN;
COMMENT ON ROLE crm_owner IS 'owner: payments';
COMMENT ON ROLE sales_owner IS 'owner: orders';
COMMENT ON ROLE payments_owner IS 'owner: payments';
COMMENT ON ROLE reports_owner IS 'owner: analytics';
COMMENT ON ROLE customer_read IS 'owner: payments';
COMMENT ON ROLE app_read IS 'owner: storefront';
COMMENT ON ROLE app_write IS 'owner: orders';
COMMENT ON ROLE payments_app IS 'owner: payments';
COMMENT ON ROLE migrator IS 'owner: platform';

-- Logins: one a workload, and a few people.
CREATE ROLE shop_web LOGIN CONNECTION LIMIT 40;
CREATE ROLE shop_worker LOGIN CONNECTION LIMIT 10;
CREATE ROLE shop_payments LOGIN CONNECTION LIMIT 10;
CREATE ROLE shop_reports LOGIN CONNECTION LIMIT 4;
CREATE ROLE shop_migrate LOGIN NOINHERIT CONNECTION LIMIT 2;
CREATE ROLE shop_metrics LOGIN CONNECTION LIMIT 2;
CREATE ROLE shop_partner LOGIN CONNECTION LIMIT 2 VALID UNTIL '2026-06-30';
CREATE ROLE dana LOGIN;
CREATE ROLE shop_admin LOGIN SUPERUSER;
COMMENT ON ROLE shop_web IS 'owner: storefront';
COMMENT ON ROLE shop_worker IS 'owner: orders';
COMMENT ON ROLE shop_payments IS 'owner: payments';
COMMENT ON ROLE shop_reports IS 'owner: analytics';
COMMENT ON ROLE shop_migrate IS 'owner: platform';
COMMENT ON ROLE shop_metrics IS 'owner: platform';
COMMENT ON ROLE dana IS 'owner: platform';

-- shop_web -> app_read -> customer_read: the site shows a customer her own data, and reads everybody's.
GRANT customer_read TO app_read;
GRANT app_read TO shop_web, shop_worker;
GRANT app_write TO shop_worker;
GRANT payments_app TO shop_payments;
GRANT crm_owner, sales_owner, payments_owner, reports_owner TO migrator;
GRANT migrator TO shop_migrate;
GRANT pg_monitor TO shop_metrics;
GRANT migrator TO dana WITH ADMIN OPTION;

REVOKE CONNECT, TEMPORARY ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO shop_web, shop_worker, shop_payments, shop_reports, shop_migrate, shop_metrics, shop_partner, dana;

CREATE SCHEMA crm AUTHORIZATION crm_owner;
CREATE SCHEMA sales AUTHORIZATION sales_owner;
CREATE SCHEMA payments AUTHORIZATION payments_owner;
CREATE SCHEMA reports AUTHORIZATION reports_owner;

-- Customers.
SET ROLE crm_owner;
CREATE TABLE crm.customers (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    full_name text NOT NULL,
    phone text,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE crm.addresses (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES crm.customers (id),
    street text NOT NULL,
    city text NOT NULL,
    country text NOT NULL
);
CREATE TABLE crm.consents (
    customer_id bigint NOT NULL REFERENCES crm.customers (id),
    tenant text NOT NULL DEFAULT current_user,
    kind text NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, kind)
);
ALTER TABLE crm.consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.consents FORCE ROW LEVEL SECURITY;
CREATE POLICY own_consents ON crm.consents FOR SELECT TO app_read USING (tenant = current_user);
COMMENT ON TABLE crm.customers IS 'owner: payments; data-class: customer';
COMMENT ON TABLE crm.addresses IS 'owner: payments; data-class: customer';
COMMENT ON TABLE crm.consents IS 'owner: payments';
GRANT USAGE ON SCHEMA crm TO customer_read, app_read, app_write;
GRANT SELECT ON crm.customers TO customer_read;
GRANT SELECT (id, customer_id, city, country) ON crm.addresses TO app_read;
GRANT SELECT ON crm.consents TO app_read;
GRANT INSERT ON crm.consents TO app_write;
RESET ROLE;

-- Orders.
SET ROLE sales_owner;
CREATE TABLE sales.products (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0)
);
CREATE TABLE sales.orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    status text NOT NULL DEFAULT 'new',
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sales.order_items (
    order_id bigint NOT NULL REFERENCES sales.orders (id),
    product_id bigint NOT NULL REFERENCES sales.products (id),
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, product_id)
);
CREATE SEQUENCE sales.order_ids OWNED BY sales.orders.id;
COMMENT ON TABLE sales.products IS 'owner: storefront';
COMMENT ON TABLE sales.orders IS 'owner: orders';
COMMENT ON TABLE sales.order_items IS 'owner: orders';
GRANT USAGE ON SCHEMA sales TO app_read, app_write, shop_reports, shop_partner;
GRANT SELECT ON sales.products, sales.orders, sales.order_items TO app_read;
GRANT INSERT, UPDATE ON sales.orders, sales.order_items TO app_write;
GRANT USAGE ON SEQUENCE sales.order_ids TO app_write;
GRANT SELECT ON sales.orders TO shop_reports;
-- The partner's contract ended in June. The grant stayed.
GRANT SELECT, DELETE, TRUNCATE ON sales.order_items TO shop_partner WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO app_read;

-- As it should be: the path is pinned, pg_temp comes last, and PUBLIC may not call it.
CREATE FUNCTION sales.place_order(customer bigint) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = sales, pg_temp
    AS $$ INSERT INTO sales.orders (id, customer_id)
          VALUES (nextval('sales.order_ids'), customer) RETURNING id $$;
REVOKE EXECUTE ON FUNCTION sales.place_order(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sales.place_order(bigint) TO shop_web;
COMMENT ON FUNCTION sales.place_order(bigint) IS 'owner: orders';
RESET ROLE;

-- Payments.
SET ROLE payments_owner;
CREATE TABLE payments.payments (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL,
    amount_cents integer NOT NULL,
    state text NOT NULL DEFAULT 'pending'
);
CREATE TABLE payments.card_tokens (
    payment_id bigint PRIMARY KEY REFERENCES payments.payments (id),
    token text NOT NULL
);
COMMENT ON TABLE payments.payments IS 'owner: payments; data-class: critical';
COMMENT ON TABLE payments.card_tokens IS 'owner: payments; data-class: critical';
GRANT USAGE ON SCHEMA payments TO payments_app, app_write;
GRANT SELECT, INSERT, UPDATE ON payments.payments TO payments_app;
GRANT SELECT, INSERT ON payments.card_tokens TO payments_app;
-- shop_reports has no USAGE on the schema: this grant does nothing until somebody gives it.
GRANT SELECT ON payments.payments TO shop_reports;

-- As it should not be: no search_path, and PUBLIC may call it as every function that nobody revoked.
CREATE FUNCTION payments.refund(payment bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
    BEGIN
        UPDATE payments.payments SET state = 'refunded' WHERE id = payment;
        PERFORM pg_notify('refunds', lower(payment::text));
    END
    $$;
COMMENT ON FUNCTION payments.refund(bigint) IS 'owner: payments';
RESET ROLE;

-- Reports.
SET ROLE reports_owner;
CREATE TABLE reports.daily_sales (
    day date PRIMARY KEY,
    orders integer NOT NULL,
    revenue_cents bigint NOT NULL
);
COMMENT ON TABLE reports.daily_sales IS 'owner: analytics';
-- Somebody was in a hurry.
GRANT USAGE ON SCHEMA reports TO PUBLIC;
GRANT SELECT ON reports.daily_sales TO PUBLIC;
GRANT INSERT, UPDATE ON reports.daily_sales TO shop_reports;
RESET ROLE;
