-- What a new tenant is made of. Written by: python -m tenants.migrations.render
CREATE SCHEMA __tenant__;
GRANT USAGE ON SCHEMA __tenant__ TO __tenant__, __sequencer__;
SET LOCAL search_path TO __tenant__, pg_temp;
CREATE TABLE approval_delegation (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	user_name TEXT NOT NULL,
	to_id UUID NOT NULL,
	to_name TEXT NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	revoked_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_approval_delegation PRIMARY KEY (id),
	CONSTRAINT ck_approval_delegation_period CHECK (ends_on >= starts_on),
	CONSTRAINT ck_approval_delegation_somebody_else CHECK (to_id <> user_id)
);
CREATE INDEX ix_approval_delegation_user_id_ends_on ON approval_delegation (user_id, ends_on);
CREATE TABLE approval_flow (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	draft JSONB,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_approval_flow PRIMARY KEY (id),
	CONSTRAINT uq_approval_flow_kind UNIQUE (kind)
);
CREATE TABLE audit_event (
	id UUID NOT NULL,
	position BIGINT GENERATED ALWAYS AS IDENTITY,
	xid BIGINT DEFAULT (pg_current_xact_id()::text::bigint) NOT NULL,
	at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
	action TEXT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_user_id UUID,
	actor_name TEXT NOT NULL,
	actor_roles TEXT[] NOT NULL,
	session_id UUID,
	request_id TEXT NOT NULL,
	ip TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	object_type TEXT NOT NULL,
	object_id TEXT NOT NULL,
	fields TEXT[] NOT NULL,
	reason TEXT NOT NULL,
	sensitive BOOLEAN NOT NULL,
	changes_ct BYTEA,
	CONSTRAINT pk_audit_event PRIMARY KEY (id),
	CONSTRAINT ck_audit_event_actor_kind CHECK (actor_kind in ('user', 'job', 'operator', 'system', 'guest'))
);
CREATE INDEX ix_audit_event_at ON audit_event (at, id);
CREATE INDEX ix_audit_event_object ON audit_event (object_type, object_id);
CREATE INDEX ix_audit_event_xid ON audit_event (xid);
CREATE TABLE audit_head (
	id INTEGER NOT NULL,
	sequence BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	cursor_xid BIGINT NOT NULL,
	chained_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT pk_audit_head PRIMARY KEY (id),
	CONSTRAINT ck_audit_head_one_row CHECK (id = 1)
);
CREATE TABLE auth_attempt (
	subject BYTEA NOT NULL,
	failed_count INTEGER NOT NULL,
	failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	locked_until TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_auth_attempt PRIMARY KEY (subject)
);
CREATE TABLE auth_role (
	id UUID NOT NULL,
	code TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT DEFAULT '' NOT NULL,
	builtin BOOLEAN DEFAULT 'false' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_auth_role PRIMARY KEY (id),
	CONSTRAINT uq_auth_role_code UNIQUE (code)
);
CREATE TABLE auth_user (
	id UUID NOT NULL,
	login TEXT NOT NULL,
	name TEXT NOT NULL,
	employee_id UUID,
	status TEXT DEFAULT 'active' NOT NULL,
	password_hash TEXT NOT NULL,
	password_changed_at TIMESTAMP WITH TIME ZONE,
	must_change_password BOOLEAN DEFAULT 'false' NOT NULL,
	totp_secret_ct BYTEA,
	totp_enabled_at TIMESTAMP WITH TIME ZONE,
	totp_last_step BIGINT DEFAULT '0' NOT NULL,
	last_login_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_auth_user PRIMARY KEY (id),
	CONSTRAINT uq_auth_user_login UNIQUE (login),
	CONSTRAINT ck_auth_user_status CHECK (status in ('active', 'disabled'))
);
CREATE INDEX ix_auth_user_employee_id ON auth_user (employee_id) WHERE employee_id is not null;
CREATE TABLE calendar_entry (
	id UUID NOT NULL,
	about_type TEXT NOT NULL,
	about_id UUID NOT NULL,
	uid TEXT NOT NULL,
	sequence INTEGER DEFAULT '0' NOT NULL,
	holder_kind TEXT NOT NULL,
	holder_id UUID NOT NULL,
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
	state TEXT DEFAULT 'booked' NOT NULL,
	title_ct BYTEA,
	place TEXT DEFAULT '' NOT NULL,
	path TEXT DEFAULT '' NOT NULL,
	mail_ct BYTEA,
	mail_bidx BYTEA,
	answer TEXT DEFAULT '' NOT NULL,
	answered_at TIMESTAMP WITH TIME ZONE,
	counter_starts_at TIMESTAMP WITH TIME ZONE,
	counter_ends_at TIMESTAMP WITH TIME ZONE,
	written_source_id UUID,
	written_href TEXT DEFAULT '' NOT NULL,
	written_etag TEXT DEFAULT '' NOT NULL,
	written_sequence INTEGER,
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_calendar_entry PRIMARY KEY (id),
	CONSTRAINT ck_calendar_entry_holder_kind CHECK (holder_kind IN ('user', 'guest', 'room')),
	CONSTRAINT ck_calendar_entry_state CHECK (state IN ('booked', 'cancelled')),
	CONSTRAINT ck_calendar_entry_answer CHECK (answer IN ('', 'accepted', 'declined', 'tentative')),
	CONSTRAINT ck_calendar_entry_period CHECK (ends_at > starts_at),
	CONSTRAINT uq_calendar_entry_about_type_about_id_holder_id UNIQUE (about_type, about_id, holder_id),
	CONSTRAINT ex_calendar_entry_holder EXCLUDE USING gist (int8range(uuid_hash_extended(holder_id, 0), uuid_hash_extended(holder_id, 0), '[]') WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (state = 'booked')
);
CREATE INDEX ix_calendar_entry_holder_id_starts_at ON calendar_entry (holder_id, starts_at);
CREATE INDEX ix_calendar_entry_mail_bidx ON calendar_entry (mail_bidx);
CREATE INDEX ix_calendar_entry_uid ON calendar_entry (uid);
CREATE TABLE calendar_room (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	place TEXT DEFAULT '' NOT NULL,
	seats INTEGER NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_calendar_room PRIMARY KEY (id),
	CONSTRAINT ck_calendar_room_named CHECK (name <> ''),
	CONSTRAINT ck_calendar_room_seats CHECK (seats BETWEEN 1 AND 10000),
	CONSTRAINT uq_calendar_room_name UNIQUE (name)
);
CREATE TABLE crypto_data_key (
	number INTEGER NOT NULL,
	purpose TEXT NOT NULL,
	suite INTEGER DEFAULT '1' NOT NULL,
	wrapped TEXT NOT NULL,
	active_from TIMESTAMP WITH TIME ZONE NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_crypto_data_key PRIMARY KEY (number),
	CONSTRAINT ck_crypto_data_key_purpose CHECK (purpose in ('fields', 'blind', 'audit')),
	CONSTRAINT ck_crypto_data_key_number CHECK (number between 1 and 65535)
);
CREATE TABLE file_object (
	id UUID NOT NULL,
	room TEXT NOT NULL,
	owner_type TEXT,
	owner_id UUID,
	media_type TEXT NOT NULL,
	size_bytes BIGINT NOT NULL,
	named_ct BYTEA NOT NULL,
	keep_until DATE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_file_object PRIMARY KEY (id),
	CONSTRAINT ck_file_object_size_bytes CHECK (size_bytes >= 0),
	CONSTRAINT ck_file_object_owner CHECK ((owner_type is null) = (owner_id is null))
);
CREATE INDEX ix_file_object_keep_until ON file_object (keep_until) WHERE keep_until is not null;
CREATE INDEX ix_file_object_owner_type_owner_id ON file_object (owner_type, owner_id) WHERE owner_id is not null;
CREATE TABLE guest_code (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	address_ct BYTEA NOT NULL,
	address_bidx BYTEA,
	guest_id UUID,
	name TEXT DEFAULT '' NOT NULL,
	code_hmac BYTEA,
	failed_count INTEGER DEFAULT '0' NOT NULL,
	locked_until TIMESTAMP WITH TIME ZONE,
	used_at TIMESTAMP WITH TIME ZONE,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_guest_code PRIMARY KEY (id),
	CONSTRAINT ck_guest_code_failed_count CHECK (failed_count between 0 and 5)
);
CREATE INDEX ix_guest_code_expires_at ON guest_code (expires_at);
CREATE INDEX ix_guest_code_kind_address_bidx ON guest_code (kind, address_bidx);
CREATE TABLE guest_session (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	guest_id UUID NOT NULL,
	name TEXT NOT NULL,
	token_hash BYTEA NOT NULL,
	ip TEXT DEFAULT '' NOT NULL,
	user_agent TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_guest_session PRIMARY KEY (id),
	CONSTRAINT uq_guest_session_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_guest_session_kind_guest_id ON guest_session (kind, guest_id);
CREATE TABLE job_job (
	id UUID NOT NULL,
	name TEXT NOT NULL,
	label TEXT DEFAULT '' NOT NULL,
	url TEXT DEFAULT '' NOT NULL,
	args JSONB NOT NULL,
	key TEXT,
	quiet BOOLEAN DEFAULT false NOT NULL,
	state TEXT DEFAULT 'queued' NOT NULL,
	progress_done INTEGER DEFAULT '0' NOT NULL,
	progress_total INTEGER DEFAULT '0' NOT NULL,
	progress_note TEXT DEFAULT '' NOT NULL,
	cancel_requested BOOLEAN DEFAULT false NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	losses INTEGER DEFAULT '0' NOT NULL,
	result JSONB,
	error_code TEXT DEFAULT '' NOT NULL,
	error_message TEXT DEFAULT '' NOT NULL,
	requested_by_id UUID,
	requested_by_name TEXT DEFAULT '' NOT NULL,
	requested_by_employee_id UUID,
	request_id TEXT DEFAULT '' NOT NULL,
	locale TEXT DEFAULT 'zh_CN' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	finished_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_job_job PRIMARY KEY (id),
	CONSTRAINT ck_job_job_state CHECK (state IN ('queued','running','succeeded','failed','cancelled')),
	CONSTRAINT uq_job_job_key UNIQUE (key)
);
CREATE TABLE licensing_licence (
	id UUID NOT NULL,
	licence_id UUID NOT NULL,
	text TEXT NOT NULL,
	installed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
	installed_by_name TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_licensing_licence PRIMARY KEY (id),
	CONSTRAINT uq_licensing_licence_licence_id UNIQUE (licence_id)
);
CREATE INDEX ix_licensing_licence_installed_at ON licensing_licence (installed_at DESC);
CREATE TABLE licensing_toggle (
	module TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	changed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
	changed_by_name TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_licensing_toggle PRIMARY KEY (module)
);
CREATE TABLE meet_room (
	id UUID NOT NULL,
	about_type TEXT NOT NULL,
	about_id UUID NOT NULL,
	title TEXT NOT NULL,
	opens_at TIMESTAMP WITH TIME ZONE NOT NULL,
	closes_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	keep_days INTEGER DEFAULT '90' NOT NULL,
	notes_ct BYTEA,
	notes_version INTEGER DEFAULT '0' NOT NULL,
	recording_id UUID,
	recorder_id UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_meet_room PRIMARY KEY (id),
	CONSTRAINT ck_meet_room_times CHECK (closes_at > opens_at)
);
CREATE INDEX ix_meet_room_about_type_about_id ON meet_room (about_type, about_id);
CREATE TABLE notice_channel (
	id UUID NOT NULL,
	channel TEXT NOT NULL,
	provider TEXT DEFAULT '' NOT NULL,
	settings_ct BYTEA,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_notice_channel PRIMARY KEY (id),
	CONSTRAINT uq_notice_channel_channel UNIQUE (channel),
	CONSTRAINT ck_notice_channel_channel CHECK (channel in ('mail', 'sms', 'im', 'push', 'quiet'))
);
CREATE TABLE notice_message (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	channel TEXT NOT NULL,
	about_type TEXT NOT NULL,
	about_id UUID NOT NULL,
	recipient_kind TEXT NOT NULL,
	recipient_id UUID,
	recipient_key TEXT NOT NULL,
	recipient_name TEXT NOT NULL,
	locale TEXT NOT NULL,
	address_ct BYTEA,
	content_ct BYTEA NOT NULL,
	enclosure_ct BYTEA,
	urgent BOOLEAN DEFAULT false NOT NULL,
	state TEXT DEFAULT 'queued' NOT NULL,
	attempt INTEGER DEFAULT '0' NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE,
	expires_at TIMESTAMP WITH TIME ZONE,
	problem TEXT DEFAULT '' NOT NULL,
	problem_detail TEXT DEFAULT '' NOT NULL,
	external_id TEXT DEFAULT '' NOT NULL,
	sent_at TIMESTAMP WITH TIME ZONE,
	read_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_notice_message PRIMARY KEY (id),
	CONSTRAINT ck_notice_message_channel CHECK (channel in ('inapp', 'mail', 'sms', 'im', 'push')),
	CONSTRAINT ck_notice_message_state CHECK (state in ('queued', 'waiting', 'sent', 'bounced', 'failed', 'expired', 'skipped')),
	CONSTRAINT uq_notice_message_kind_key_channel_recipient_key UNIQUE (kind, key, channel, recipient_key)
);
CREATE INDEX ix_notice_message_about_type_about_id ON notice_message (about_type, about_id);
CREATE INDEX ix_notice_message_channel ON notice_message (channel) WHERE state = 'waiting';
CREATE INDEX ix_notice_message_recipient_key_id ON notice_message (recipient_key, id) WHERE channel = 'inapp';
CREATE TABLE notice_subscription (
	id UUID NOT NULL,
	channel TEXT NOT NULL,
	recipient_key TEXT NOT NULL,
	notice_kind TEXT DEFAULT '' NOT NULL,
	address_ct BYTEA,
	address_bidx BYTEA,
	keys_ct BYTEA,
	label TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_notice_subscription PRIMARY KEY (id),
	CONSTRAINT ck_notice_subscription_channel CHECK (channel in ('mail', 'sms', 'im', 'push', 'off')),
	CONSTRAINT uq_notice_subscription_channel_recipient_key_notice_kin_6781 UNIQUE NULLS NOT DISTINCT (channel, recipient_key, notice_kind, address_bidx)
);
CREATE INDEX ix_notice_subscription_recipient_key ON notice_subscription (recipient_key);
CREATE TABLE notice_template (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	locale TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	short TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_notice_template PRIMARY KEY (id),
	CONSTRAINT uq_notice_template_kind_locale UNIQUE (kind, locale)
);
CREATE TABLE payroll_basis (
	id UUID NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	plan_ct BYTEA NOT NULL,
	CONSTRAINT pk_payroll_basis PRIMARY KEY (id)
);
CREATE TABLE payroll_group (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	legal_entity_id UUID,
	pay_day SMALLINT NOT NULL,
	pays_next_month BOOLEAN DEFAULT false NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_payroll_group PRIMARY KEY (id),
	CONSTRAINT ck_payroll_group_pay_day CHECK (pay_day BETWEEN 1 AND 31),
	CONSTRAINT ck_payroll_group_named CHECK (name <> ''),
	CONSTRAINT uq_payroll_group_name UNIQUE (name)
);
CREATE TABLE payroll_item (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	taxable BOOLEAN NOT NULL,
	insurable BOOLEAN NOT NULL,
	formula TEXT DEFAULT '' NOT NULL,
	sort INTEGER DEFAULT '0' NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_payroll_item PRIMARY KEY (id),
	CONSTRAINT uq_payroll_item_code_valid_from UNIQUE (code, valid_from),
	CONSTRAINT ck_payroll_item_period CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT ck_payroll_item_kind CHECK (kind IN ('earning', 'deduction', 'figure')),
	CONSTRAINT ck_payroll_item_formula CHECK (length(formula) <= 500)
);
CREATE TABLE payroll_opening (
	id UUID NOT NULL,
	employee_id UUID NOT NULL,
	year SMALLINT NOT NULL,
	sums_ct BYTEA NOT NULL,
	changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_payroll_opening PRIMARY KEY (id),
	CONSTRAINT uq_payroll_opening_employee_id_year UNIQUE (employee_id, year),
	CONSTRAINT ck_payroll_opening_year CHECK (year BETWEEN 2019 AND 2100)
);
CREATE TABLE records_employee (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	number TEXT NOT NULL,
	name TEXT NOT NULL,
	gender TEXT,
	birth_date DATE,
	hired_on DATE NOT NULL,
	left_on DATE,
	status TEXT DEFAULT 'regular' NOT NULL,
	id_kind TEXT DEFAULT 'resident' NOT NULL,
	id_number_ct BYTEA,
	id_number_bidx BYTEA,
	bank_account_ct BYTEA,
	bank_account_bidx BYTEA,
	bank_name TEXT DEFAULT '' NOT NULL,
	mobile_ct BYTEA,
	mobile_bidx BYTEA,
	email_ct BYTEA,
	home_address_ct BYTEA,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	import_id UUID,
	CONSTRAINT pk_records_employee PRIMARY KEY (id),
	CONSTRAINT ck_records_employee_left_after_hired CHECK (left_on IS NULL OR left_on >= hired_on),
	CONSTRAINT ck_records_employee_gender CHECK (gender IS NULL OR gender IN ('male', 'female')),
	CONSTRAINT ck_records_employee_status CHECK (status IN ('probation', 'regular', 'suspended')),
	CONSTRAINT ck_records_employee_id_kind CHECK (id_kind IN ('resident', 'hk_macau', 'taiwan', 'foreign_permit', 'passport', 'other')),
	CONSTRAINT ck_records_employee_named CHECK (number <> '' AND name <> ''),
	CONSTRAINT uq_records_employee_number UNIQUE (number),
	CONSTRAINT uq_records_employee_id_number_bidx UNIQUE (id_number_bidx)
);
CREATE INDEX ix_records_employee_bank_account_bidx ON records_employee (bank_account_bidx);
CREATE INDEX ix_records_employee_mobile_bidx ON records_employee (mobile_bidx);
CREATE TABLE records_import (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	state TEXT DEFAULT 'staged' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	created_by_id UUID,
	created_by_name TEXT DEFAULT '' NOT NULL,
	file_name TEXT NOT NULL,
	file_bytes INTEGER NOT NULL,
	file_ct BYTEA,
	layout JSONB NOT NULL,
	plan JSONB NOT NULL,
	counts JSONB NOT NULL,
	job_id UUID,
	committed_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_records_import PRIMARY KEY (id),
	CONSTRAINT ck_records_import_state CHECK (state IN ('staged', 'checked', 'committing', 'committed', 'undoing', 'undone', 'cancelled'))
);
CREATE TABLE records_legal_entity (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	short_name TEXT DEFAULT '' NOT NULL,
	uscc TEXT,
	city TEXT DEFAULT '' NOT NULL,
	address TEXT DEFAULT '' NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_records_legal_entity PRIMARY KEY (id),
	CONSTRAINT uq_records_legal_entity_name UNIQUE (name),
	CONSTRAINT uq_records_legal_entity_uscc UNIQUE (uscc)
);
CREATE TABLE records_position (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	code TEXT,
	family TEXT DEFAULT '' NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	import_id UUID,
	CONSTRAINT pk_records_position PRIMARY KEY (id),
	CONSTRAINT uq_records_position_name UNIQUE (name),
	CONSTRAINT uq_records_position_code UNIQUE (code)
);
CREATE TABLE records_unit (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	code TEXT,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	import_id UUID,
	CONSTRAINT pk_records_unit PRIMARY KEY (id),
	CONSTRAINT uq_records_unit_code UNIQUE (code)
);
CREATE TABLE recruiting_agency (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	terms TEXT DEFAULT '' NOT NULL,
	ownership_days INTEGER DEFAULT '180' NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_agency PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_agency_ownership_days CHECK (ownership_days BETWEEN 0 AND 1095),
	CONSTRAINT uq_recruiting_agency_name UNIQUE (name)
);
CREATE TABLE recruiting_batch (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	kind TEXT DEFAULT 'campus' NOT NULL,
	school TEXT DEFAULT '' NOT NULL,
	city TEXT DEFAULT '' NOT NULL,
	place TEXT DEFAULT '' NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	CONSTRAINT pk_recruiting_batch PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_batch_period CHECK (ends_on >= starts_on),
	CONSTRAINT uq_recruiting_batch_name UNIQUE (name)
);
CREATE TABLE recruiting_catalogue (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	edition INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	data JSONB DEFAULT '{}' NOT NULL,
	secret_ct BYTEA,
	owner_id UUID,
	sort INTEGER DEFAULT '100' NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_catalogue PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_catalogue_kind CHECK (kind IN ('reason', 'message', 'letter', 'tasks', 'consent', 'search', 'settings')),
	CONSTRAINT uq_recruiting_catalogue_kind_code_edition UNIQUE (kind, code, edition)
);
CREATE INDEX ix_recruiting_catalogue_kind ON recruiting_catalogue (kind, sort);
CREATE TABLE recruiting_channel (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	costs JSONB DEFAULT '{}' NOT NULL,
	visits INTEGER DEFAULT '0' NOT NULL,
	active BOOLEAN DEFAULT true NOT NULL,
	CONSTRAINT pk_recruiting_channel PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_channel_kind CHECK (kind IN ('site', 'referral', 'agency', 'board', 'campus', 'mail', 'event', 'sourced')),
	CONSTRAINT uq_recruiting_channel_name UNIQUE (name),
	CONSTRAINT uq_recruiting_channel_code UNIQUE (code)
);
CREATE TABLE recruiting_erasure (
	id UUID NOT NULL,
	subject_bidx BYTEA,
	cause TEXT NOT NULL,
	counts JSONB NOT NULL,
	sha256 TEXT NOT NULL,
	erased_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_erasure PRIMARY KEY (id)
);
CREATE INDEX ix_recruiting_erasure_subject_bidx ON recruiting_erasure (subject_bidx);
CREATE TABLE recruiting_headcount (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	unit_id UUID NOT NULL,
	position_id UUID,
	year SMALLINT NOT NULL,
	planned INTEGER NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_recruiting_headcount PRIMARY KEY (id),
	CONSTRAINT uq_recruiting_headcount_unit_id_position_id_year UNIQUE NULLS NOT DISTINCT (unit_id, position_id, year),
	CONSTRAINT ck_recruiting_headcount_planned CHECK (planned >= 0)
);
CREATE TABLE recruiting_requisition (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	number TEXT NOT NULL,
	title TEXT NOT NULL,
	unit_id UUID NOT NULL,
	position_id UUID,
	headcount INTEGER NOT NULL,
	reason TEXT NOT NULL,
	replaces_id UUID,
	city TEXT DEFAULT '' NOT NULL,
	employment_type TEXT DEFAULT 'full_time' NOT NULL,
	target_date DATE,
	justification TEXT DEFAULT '' NOT NULL,
	salary_min_fen_ct BYTEA,
	salary_max_fen_ct BYTEA,
	state TEXT DEFAULT 'draft' NOT NULL,
	requester_id UUID NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_requisition PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_requisition_state CHECK (state IN ('draft', 'pending', 'approved', 'rejected', 'withdrawn', 'closed')),
	CONSTRAINT ck_recruiting_requisition_reason CHECK (reason IN ('new', 'replacement', 'project')),
	CONSTRAINT ck_recruiting_requisition_headcount CHECK (headcount > 0),
	CONSTRAINT uq_recruiting_requisition_number UNIQUE (number)
);
CREATE TABLE web_idempotency (
	id UUID NOT NULL,
	actor TEXT NOT NULL,
	key TEXT NOT NULL,
	request_hash BYTEA NOT NULL,
	answer_ct BYTEA,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_web_idempotency PRIMARY KEY (id),
	CONSTRAINT uq_web_idempotency_actor_key UNIQUE (actor, key)
);
CREATE INDEX ix_web_idempotency_created_at ON web_idempotency (created_at);
CREATE TABLE web_saved_view (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	table_name TEXT NOT NULL,
	name TEXT NOT NULL,
	query JSONB NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_web_saved_view PRIMARY KEY (id),
	CONSTRAINT uq_web_saved_view_user_table_name UNIQUE (user_id, table_name, name)
);
CREATE TABLE web_site (
	id SMALLINT NOT NULL,
	name TEXT DEFAULT '' NOT NULL,
	accent TEXT DEFAULT '' NOT NULL,
	logo_id UUID,
	favicon_id UUID,
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	CONSTRAINT pk_web_site PRIMARY KEY (id),
	CONSTRAINT ck_web_site_one_row CHECK (id = 1),
	CONSTRAINT ck_web_site_accent CHECK (accent ~ '^(#[0-9a-f]{6})?$')
);
CREATE TABLE approval_version (
	id UUID NOT NULL,
	flow_id UUID NOT NULL,
	number INTEGER NOT NULL,
	document JSONB NOT NULL,
	published_by_id UUID,
	published_by_name TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_approval_version PRIMARY KEY (id),
	CONSTRAINT uq_approval_version_flow_id_number UNIQUE (flow_id, number),
	CONSTRAINT fk_approval_version_flow_id FOREIGN KEY(flow_id) REFERENCES approval_flow (id)
);
CREATE TABLE audit_link (
	sequence BIGINT NOT NULL,
	event_id UUID NOT NULL,
	hash BYTEA NOT NULL,
	chained_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT pk_audit_link PRIMARY KEY (sequence),
	CONSTRAINT uq_audit_link_event_id UNIQUE (event_id),
	CONSTRAINT fk_audit_link_event_id FOREIGN KEY(event_id) REFERENCES audit_event (id)
);
CREATE TABLE auth_api_token (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	name TEXT NOT NULL,
	token_hash BYTEA NOT NULL,
	permissions TEXT[] NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_used_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_auth_api_token PRIMARY KEY (id),
	CONSTRAINT uq_auth_api_token_token_hash UNIQUE (token_hash),
	CONSTRAINT fk_auth_api_token_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_auth_api_token_user_id ON auth_api_token (user_id);
CREATE TABLE auth_recovery (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	kind TEXT NOT NULL,
	secret_hash BYTEA NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE,
	used_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_auth_recovery PRIMARY KEY (id),
	CONSTRAINT uq_auth_recovery_secret_hash UNIQUE (secret_hash),
	CONSTRAINT ck_auth_recovery_kind CHECK (kind in ('code', 'link')),
	CONSTRAINT fk_auth_recovery_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_auth_recovery_user_id ON auth_recovery (user_id);
CREATE TABLE auth_role_grant (
	role_id UUID NOT NULL,
	permission TEXT NOT NULL,
	scope TEXT NOT NULL,
	CONSTRAINT pk_auth_role_grant PRIMARY KEY (role_id, permission),
	CONSTRAINT ck_auth_role_grant_scope CHECK (scope in ('self', 'direct_reports', 'reports', 'unit', 'all')),
	CONSTRAINT fk_auth_role_grant_role_id FOREIGN KEY(role_id) REFERENCES auth_role (id) ON DELETE CASCADE
);
CREATE TABLE auth_session (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	token_hash BYTEA NOT NULL,
	stage TEXT NOT NULL,
	ip TEXT DEFAULT '' NOT NULL,
	user_agent TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	authenticated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_auth_session PRIMARY KEY (id),
	CONSTRAINT uq_auth_session_token_hash UNIQUE (token_hash),
	CONSTRAINT ck_auth_session_stage CHECK (stage in ('second_factor', 'new_password', 'full')),
	CONSTRAINT fk_auth_session_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_auth_session_user_id ON auth_session (user_id);
CREATE TABLE auth_user_role (
	user_id UUID NOT NULL,
	role_id UUID NOT NULL,
	unit_ids UUID[] DEFAULT '{}' NOT NULL,
	CONSTRAINT pk_auth_user_role PRIMARY KEY (user_id, role_id),
	CONSTRAINT fk_auth_user_role_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE,
	CONSTRAINT fk_auth_user_role_role_id FOREIGN KEY(role_id) REFERENCES auth_role (id) ON DELETE CASCADE
);
CREATE INDEX ix_auth_user_role_role_id ON auth_user_role (role_id);
CREATE TABLE calendar_feed (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	hours JSONB DEFAULT '{}' NOT NULL,
	token_hash BYTEA,
	token_made_at TIMESTAMP WITH TIME ZONE,
	read_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_calendar_feed PRIMARY KEY (id),
	CONSTRAINT uq_calendar_feed_user_id UNIQUE (user_id),
	CONSTRAINT fk_calendar_feed_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE,
	CONSTRAINT uq_calendar_feed_token_hash UNIQUE (token_hash)
);
CREATE TABLE calendar_source (
	id UUID NOT NULL,
	user_id UUID NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	access_ct BYTEA,
	write_back BOOLEAN DEFAULT false NOT NULL,
	busy TSTZMULTIRANGE,
	fetched_at TIMESTAMP WITH TIME ZONE,
	tried_at TIMESTAMP WITH TIME ZONE,
	error TEXT DEFAULT '' NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_calendar_source PRIMARY KEY (id),
	CONSTRAINT ck_calendar_source_kind CHECK (kind IN ('caldav', 'ics')),
	CONSTRAINT ck_calendar_source_written_by_caldav CHECK (NOT write_back OR kind = 'caldav'),
	CONSTRAINT fk_calendar_source_user_id FOREIGN KEY(user_id) REFERENCES auth_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_calendar_source_user_id ON calendar_source (user_id);
CREATE TABLE file_chunk (
	file_id UUID NOT NULL,
	number INTEGER NOT NULL,
	data_ct BYTEA NOT NULL,
	CONSTRAINT pk_file_chunk PRIMARY KEY (file_id, number),
	CONSTRAINT fk_file_chunk_file_id FOREIGN KEY(file_id) REFERENCES file_object (id) ON DELETE CASCADE
);
CREATE TABLE job_outbox (
	id UUID NOT NULL,
	job_id UUID,
	event TEXT,
	payload JSONB,
	due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	handed_at TIMESTAMP WITH TIME ZONE,
	lease UUID,
	lease_until TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_job_outbox PRIMARY KEY (id),
	CONSTRAINT ck_job_outbox_one_kind CHECK ((job_id IS NULL) <> (event IS NULL)),
	CONSTRAINT uq_job_outbox_job_id UNIQUE (job_id),
	CONSTRAINT fk_job_outbox_job_id FOREIGN KEY(job_id) REFERENCES job_job (id) ON DELETE CASCADE
);
CREATE INDEX ix_job_outbox_due_at ON job_outbox (due_at);
CREATE TABLE meet_member (
	id UUID NOT NULL,
	room_id UUID NOT NULL,
	kind TEXT NOT NULL,
	person_id UUID NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	admitted_at TIMESTAMP WITH TIME ZONE,
	consents BOOLEAN,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_meet_member PRIMARY KEY (id),
	CONSTRAINT uq_meet_member_room_id_kind_person_id UNIQUE (room_id, kind, person_id),
	CONSTRAINT ck_meet_member_kind CHECK (kind in ('user', 'guest')),
	CONSTRAINT ck_meet_member_role CHECK (role in ('host', 'guest', 'observer')),
	CONSTRAINT fk_meet_member_room_id FOREIGN KEY(room_id) REFERENCES meet_room (id) ON DELETE CASCADE
);
CREATE TABLE payroll_profile (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	employee_id UUID NOT NULL,
	group_id UUID NOT NULL,
	city TEXT,
	valid_from DATE NOT NULL,
	valid_to DATE,
	note TEXT DEFAULT '' NOT NULL,
	import_id UUID,
	terms_ct BYTEA NOT NULL,
	changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_payroll_profile PRIMARY KEY (id),
	CONSTRAINT uq_payroll_profile_employee_id_valid_from UNIQUE (employee_id, valid_from),
	CONSTRAINT ck_payroll_profile_period CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_payroll_profile_group_id FOREIGN KEY(group_id) REFERENCES payroll_group (id)
);
CREATE INDEX ix_payroll_profile_group_id ON payroll_profile (group_id);
CREATE TABLE payroll_run (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	group_id UUID NOT NULL,
	year SMALLINT NOT NULL,
	month SMALLINT NOT NULL,
	pay_on DATE NOT NULL,
	kind TEXT NOT NULL,
	corrects_id UUID,
	reason TEXT DEFAULT '' NOT NULL,
	status TEXT DEFAULT 'open' NOT NULL,
	revision INTEGER DEFAULT '0' NOT NULL,
	basis_id UUID,
	job_id UUID,
	people INTEGER DEFAULT '0' NOT NULL,
	parked INTEGER DEFAULT '0' NOT NULL,
	doubts INTEGER DEFAULT '0' NOT NULL,
	summary_ct BYTEA,
	opened_by TEXT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	calculated_at TIMESTAMP WITH TIME ZONE,
	reviewed_by TEXT DEFAULT '' NOT NULL,
	reviewed_at TIMESTAMP WITH TIME ZONE,
	closed_by TEXT DEFAULT '' NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	published_by TEXT DEFAULT '' NOT NULL,
	published_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_payroll_run PRIMARY KEY (id),
	CONSTRAINT ck_payroll_run_kind CHECK (kind IN ('regular', 'correction')),
	CONSTRAINT ck_payroll_run_status CHECK (status IN ('open', 'calculating', 'calculated', 'reviewed', 'closed', 'published')),
	CONSTRAINT ck_payroll_run_month CHECK (month BETWEEN 1 AND 12),
	CONSTRAINT ck_payroll_run_corrects CHECK ((kind = 'correction') = (corrects_id IS NOT NULL)),
	CONSTRAINT ck_payroll_run_closed CHECK ((closed_at IS NOT NULL) = (status IN ('closed', 'published'))),
	CONSTRAINT fk_payroll_run_group_id FOREIGN KEY(group_id) REFERENCES payroll_group (id),
	CONSTRAINT fk_payroll_run_corrects_id FOREIGN KEY(corrects_id) REFERENCES payroll_run (id),
	CONSTRAINT fk_payroll_run_basis_id FOREIGN KEY(basis_id) REFERENCES payroll_basis (id)
);
CREATE UNIQUE INDEX uq_payroll_run_regular ON payroll_run (group_id, year, month) WHERE kind = 'regular';
CREATE TABLE records_assignment (
	id UUID NOT NULL,
	employee_id UUID NOT NULL,
	unit_id UUID NOT NULL,
	position_id UUID,
	manager_id UUID,
	legal_entity_id UUID NOT NULL,
	city TEXT DEFAULT '' NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	reason TEXT DEFAULT '' NOT NULL,
	import_id UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_records_assignment PRIMARY KEY (id),
	CONSTRAINT ck_records_assignment_period CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT uq_records_assignment_employee_id_valid_from UNIQUE (employee_id, valid_from),
	CONSTRAINT ex_records_assignment_period EXCLUDE USING gist (int8range(uuid_hash_extended(employee_id, 0), uuid_hash_extended(employee_id, 0), '[]') WITH =, daterange(valid_from, valid_to, '[]') WITH &&),
	CONSTRAINT ck_records_assignment_not_own_manager CHECK (manager_id IS NULL OR manager_id <> employee_id),
	CONSTRAINT fk_records_assignment_employee_id FOREIGN KEY(employee_id) REFERENCES records_employee (id),
	CONSTRAINT fk_records_assignment_unit_id FOREIGN KEY(unit_id) REFERENCES records_unit (id),
	CONSTRAINT fk_records_assignment_position_id FOREIGN KEY(position_id) REFERENCES records_position (id),
	CONSTRAINT fk_records_assignment_manager_id FOREIGN KEY(manager_id) REFERENCES records_employee (id),
	CONSTRAINT fk_records_assignment_legal_entity_id FOREIGN KEY(legal_entity_id) REFERENCES records_legal_entity (id)
);
CREATE INDEX ix_records_assignment_manager_id ON records_assignment (manager_id);
CREATE INDEX ix_records_assignment_unit_id ON records_assignment (unit_id);
CREATE TABLE records_import_row (
	id UUID NOT NULL,
	import_id UUID NOT NULL,
	row_number INTEGER NOT NULL,
	state TEXT DEFAULT 'staged' NOT NULL,
	commit_order INTEGER DEFAULT '0' NOT NULL,
	employee_id UUID,
	employee_version INTEGER,
	cells_ct BYTEA,
	values_ct BYTEA,
	faults_ct BYTEA,
	before_ct BYTEA,
	CONSTRAINT pk_records_import_row PRIMARY KEY (id),
	CONSTRAINT uq_records_import_row_import_id_row_number UNIQUE (import_id, row_number),
	CONSTRAINT ck_records_import_row_state CHECK (state IN ('staged', 'ready', 'fault', 'skipped', 'added', 'updated', 'undone')),
	CONSTRAINT fk_records_import_row_import_id FOREIGN KEY(import_id) REFERENCES records_import (id) ON DELETE CASCADE
);
CREATE TABLE records_unit_period (
	id UUID NOT NULL,
	unit_id UUID NOT NULL,
	name TEXT NOT NULL,
	parent_id UUID,
	leader_id UUID,
	sort INTEGER DEFAULT '0' NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_records_unit_period PRIMARY KEY (id),
	CONSTRAINT ck_records_unit_period_period CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT uq_records_unit_period_unit_id_valid_from UNIQUE (unit_id, valid_from),
	CONSTRAINT ex_records_unit_period_period EXCLUDE USING gist (int8range(uuid_hash_extended(unit_id, 0), uuid_hash_extended(unit_id, 0), '[]') WITH =, daterange(valid_from, valid_to, '[]') WITH &&),
	CONSTRAINT ck_records_unit_period_not_its_own_parent CHECK (parent_id IS NULL OR parent_id <> unit_id),
	CONSTRAINT ck_records_unit_period_named CHECK (name <> ''),
	CONSTRAINT fk_records_unit_period_unit_id FOREIGN KEY(unit_id) REFERENCES records_unit (id),
	CONSTRAINT fk_records_unit_period_parent_id FOREIGN KEY(parent_id) REFERENCES records_unit (id)
);
CREATE TABLE recruiting_agency_member (
	id UUID NOT NULL,
	agency_id UUID NOT NULL,
	name TEXT NOT NULL,
	mail_ct BYTEA,
	mail_bidx BYTEA,
	active BOOLEAN DEFAULT true NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_agency_member PRIMARY KEY (id),
	CONSTRAINT fk_recruiting_agency_member_agency_id FOREIGN KEY(agency_id) REFERENCES recruiting_agency (id),
	CONSTRAINT uq_recruiting_agency_member_mail_bidx UNIQUE (mail_bidx)
);
CREATE TABLE recruiting_candidate (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	name TEXT NOT NULL,
	mobile_ct BYTEA,
	mobile_bidx BYTEA,
	mail_ct BYTEA,
	mail_bidx BYTEA,
	id_number_ct BYTEA,
	id_number_bidx BYTEA,
	salary_wish_fen_ct BYTEA,
	gender TEXT DEFAULT '' NOT NULL,
	born_on DATE,
	city TEXT DEFAULT '' NOT NULL,
	degree TEXT DEFAULT '' NOT NULL,
	school TEXT DEFAULT '' NOT NULL,
	major TEXT DEFAULT '' NOT NULL,
	employer TEXT DEFAULT '' NOT NULL,
	title TEXT DEFAULT '' NOT NULL,
	years NUMERIC(4, 1),
	profile JSONB DEFAULT '{}' NOT NULL,
	tags TEXT[] DEFAULT '{}' NOT NULL,
	search TSVECTOR DEFAULT ''::tsvector NOT NULL,
	pooled_at TIMESTAMP WITH TIME ZONE,
	channel_id UUID,
	agency_id UUID,
	owned_until DATE,
	locale TEXT DEFAULT 'zh_CN' NOT NULL,
	keep_until DATE NOT NULL,
	merged_into_id UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_candidate PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_candidate_degree CHECK (degree IN ('', 'below', 'associate', 'bachelor', 'master', 'doctor')),
	CONSTRAINT fk_recruiting_candidate_channel_id FOREIGN KEY(channel_id) REFERENCES recruiting_channel (id),
	CONSTRAINT fk_recruiting_candidate_agency_id FOREIGN KEY(agency_id) REFERENCES recruiting_agency (id),
	CONSTRAINT fk_recruiting_candidate_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES recruiting_candidate (id)
);
CREATE INDEX ix_recruiting_candidate_created_at ON recruiting_candidate (created_at);
CREATE INDEX ix_recruiting_candidate_id_number_bidx ON recruiting_candidate (id_number_bidx);
CREATE INDEX ix_recruiting_candidate_keep_until ON recruiting_candidate (keep_until);
CREATE INDEX ix_recruiting_candidate_mail_bidx ON recruiting_candidate (mail_bidx);
CREATE INDEX ix_recruiting_candidate_mobile_bidx ON recruiting_candidate (mobile_bidx);
CREATE INDEX ix_recruiting_candidate_search ON recruiting_candidate USING gin (search);
CREATE INDEX ix_recruiting_candidate_tags ON recruiting_candidate USING gin (tags);
CREATE TABLE recruiting_job (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	number TEXT NOT NULL,
	slug TEXT NOT NULL,
	requisition_id UUID,
	batch_id UUID,
	title TEXT NOT NULL,
	unit_id UUID NOT NULL,
	position_id UUID,
	legal_entity_id UUID,
	city TEXT DEFAULT '' NOT NULL,
	address TEXT DEFAULT '' NOT NULL,
	employment_type TEXT DEFAULT 'full_time' NOT NULL,
	hire_mode TEXT DEFAULT 'social' NOT NULL,
	headcount INTEGER DEFAULT '1' NOT NULL,
	duties TEXT DEFAULT '' NOT NULL,
	requirements TEXT DEFAULT '' NOT NULL,
	benefits TEXT DEFAULT '' NOT NULL,
	salary_min_fen_ct BYTEA,
	salary_max_fen_ct BYTEA,
	salary_text TEXT DEFAULT '' NOT NULL,
	state TEXT DEFAULT 'draft' NOT NULL,
	listed BOOLEAN DEFAULT true NOT NULL,
	opened_on DATE,
	closes_on DATE,
	closed_on DATE,
	target_date DATE,
	owner_id UUID NOT NULL,
	manager_id UUID,
	recruiter_ids UUID[] DEFAULT '{}' NOT NULL,
	agency_ids UUID[] DEFAULT '{}' NOT NULL,
	stages JSONB NOT NULL,
	questions JSONB DEFAULT '[]' NOT NULL,
	rules JSONB DEFAULT '[]' NOT NULL,
	rounds JSONB DEFAULT '[]' NOT NULL,
	referral_reward_fen INTEGER DEFAULT '0' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_job PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_job_state CHECK (state IN ('draft', 'open', 'paused', 'closed')),
	CONSTRAINT ck_recruiting_job_employment_type CHECK (employment_type IN ('full_time', 'part_time', 'intern', 'contractor')),
	CONSTRAINT ck_recruiting_job_hire_mode CHECK (hire_mode IN ('social', 'campus', 'internal')),
	CONSTRAINT ck_recruiting_job_headcount CHECK (headcount > 0),
	CONSTRAINT uq_recruiting_job_number UNIQUE (number),
	CONSTRAINT uq_recruiting_job_slug UNIQUE (slug),
	CONSTRAINT fk_recruiting_job_requisition_id FOREIGN KEY(requisition_id) REFERENCES recruiting_requisition (id),
	CONSTRAINT fk_recruiting_job_batch_id FOREIGN KEY(batch_id) REFERENCES recruiting_batch (id)
);
CREATE TABLE approval_case (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	subject_id UUID NOT NULL,
	title TEXT NOT NULL,
	path TEXT DEFAULT '' NOT NULL,
	state TEXT DEFAULT 'running' NOT NULL,
	version_id UUID,
	own_request BOOLEAN DEFAULT false NOT NULL,
	facts_ct BYTEA,
	requested_by_id UUID,
	requested_by_employee_id UUID,
	requested_by_name TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_approval_case PRIMARY KEY (id),
	CONSTRAINT ck_approval_case_state CHECK (state in ('running', 'approved', 'rejected', 'withdrawn')),
	CONSTRAINT fk_approval_case_version_id FOREIGN KEY(version_id) REFERENCES approval_version (id)
);
CREATE INDEX ix_approval_case_kind_subject_id_id ON approval_case (kind, subject_id, id);
CREATE INDEX ix_approval_case_requested_by_id_id ON approval_case (requested_by_id, id);
CREATE UNIQUE INDEX uq_approval_case_running ON approval_case (kind, subject_id) WHERE state = 'running';
CREATE TABLE meet_event (
	id UUID NOT NULL,
	room_id UUID NOT NULL,
	seat_id UUID,
	kind TEXT NOT NULL,
	recording_id UUID,
	text_ct BYTEA,
	ip TEXT DEFAULT '' NOT NULL,
	user_agent TEXT DEFAULT '' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_meet_event PRIMARY KEY (id),
	CONSTRAINT ck_meet_event_kind CHECK (kind in ('joined', 'admitted', 'left', 'consented', 'declined', 'recording', 'stopped', 'erased', 'ended', 'said')),
	CONSTRAINT fk_meet_event_room_id FOREIGN KEY(room_id) REFERENCES meet_room (id) ON DELETE CASCADE,
	CONSTRAINT fk_meet_event_seat_id FOREIGN KEY(seat_id) REFERENCES meet_member (id) ON DELETE SET NULL
);
CREATE INDEX ix_meet_event_room_id_id ON meet_event (room_id, id);
CREATE TABLE payroll_input (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	run_id UUID NOT NULL,
	employee_id UUID NOT NULL,
	amounts_ct BYTEA NOT NULL,
	CONSTRAINT pk_payroll_input PRIMARY KEY (id),
	CONSTRAINT uq_payroll_input_run_id_employee_id UNIQUE (run_id, employee_id),
	CONSTRAINT fk_payroll_input_run_id FOREIGN KEY(run_id) REFERENCES payroll_run (id) ON DELETE CASCADE
);
CREATE TABLE payroll_payslip (
	id UUID NOT NULL,
	run_id UUID NOT NULL,
	employee_id UUID NOT NULL,
	revision INTEGER NOT NULL,
	basis_id UUID NOT NULL,
	legal_entity_id UUID,
	number TEXT NOT NULL,
	name TEXT NOT NULL,
	unit_name TEXT DEFAULT '' NOT NULL,
	parked_reason TEXT,
	parked_detail TEXT DEFAULT '' NOT NULL,
	doubtful BOOLEAN DEFAULT false NOT NULL,
	document_ct BYTEA,
	CONSTRAINT pk_payroll_payslip PRIMARY KEY (id),
	CONSTRAINT uq_payroll_payslip_run_id_employee_id UNIQUE (run_id, employee_id),
	CONSTRAINT ck_payroll_payslip_done_or_parked CHECK ((document_ct IS NULL) = (parked_reason IS NOT NULL)),
	CONSTRAINT fk_payroll_payslip_run_id FOREIGN KEY(run_id) REFERENCES payroll_run (id) ON DELETE CASCADE,
	CONSTRAINT fk_payroll_payslip_basis_id FOREIGN KEY(basis_id) REFERENCES payroll_basis (id)
);
CREATE INDEX ix_payroll_payslip_employee_id ON payroll_payslip (employee_id, run_id);
CREATE INDEX ix_payroll_payslip_parked ON payroll_payslip (run_id) WHERE parked_reason IS NOT NULL;
CREATE TABLE recruiting_consent (
	id UUID NOT NULL,
	candidate_id UUID NOT NULL,
	purpose TEXT NOT NULL,
	edition INTEGER NOT NULL,
	text_sha256 TEXT NOT NULL,
	given_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	ip TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_recruiting_consent PRIMARY KEY (id),
	CONSTRAINT uq_recruiting_consent_candidate_id_purpose_edition_given_at UNIQUE (candidate_id, purpose, edition, given_at),
	CONSTRAINT fk_recruiting_consent_candidate_id FOREIGN KEY(candidate_id) REFERENCES recruiting_candidate (id)
);
CREATE TABLE recruiting_merge (
	id UUID NOT NULL,
	kept_id UUID NOT NULL,
	merged_id UUID NOT NULL,
	before_ct BYTEA,
	merged_by UUID,
	merged_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	undone_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_merge PRIMARY KEY (id),
	CONSTRAINT fk_recruiting_merge_kept_id FOREIGN KEY(kept_id) REFERENCES recruiting_candidate (id),
	CONSTRAINT fk_recruiting_merge_merged_id FOREIGN KEY(merged_id) REFERENCES recruiting_candidate (id)
);
CREATE INDEX ix_recruiting_merge_kept_id ON recruiting_merge (kept_id);
CREATE TABLE recruiting_resume (
	id UUID NOT NULL,
	candidate_id UUID,
	job_id UUID,
	file_id UUID,
	source TEXT NOT NULL,
	channel_id UUID,
	state TEXT DEFAULT 'waiting' NOT NULL,
	error TEXT DEFAULT '' NOT NULL,
	parsed_ct BYTEA,
	added_by UUID,
	batch_id UUID,
	digest_bidx BYTEA,
	mail_id TEXT,
	outcome JSONB DEFAULT '{}' NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_resume PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_resume_state CHECK (state IN ('waiting', 'parsed', 'checked', 'failed')),
	CONSTRAINT uq_recruiting_resume_batch_id_digest_bidx UNIQUE (batch_id, digest_bidx),
	CONSTRAINT fk_recruiting_resume_candidate_id FOREIGN KEY(candidate_id) REFERENCES recruiting_candidate (id),
	CONSTRAINT fk_recruiting_resume_job_id FOREIGN KEY(job_id) REFERENCES recruiting_job (id)
);
CREATE INDEX ix_recruiting_resume_candidate_id ON recruiting_resume (candidate_id);
CREATE INDEX ix_recruiting_resume_digest_bidx ON recruiting_resume (digest_bidx);
CREATE INDEX ix_recruiting_resume_mail_id ON recruiting_resume (mail_id);
CREATE TABLE approval_task (
	id UUID NOT NULL,
	case_id UUID NOT NULL,
	stage INTEGER NOT NULL,
	step INTEGER NOT NULL,
	step_name TEXT DEFAULT '' NOT NULL,
	mode TEXT NOT NULL,
	lane INTEGER NOT NULL,
	turn INTEGER DEFAULT '0' NOT NULL,
	state TEXT DEFAULT 'planned' NOT NULL,
	signer_id UUID,
	signer_name TEXT DEFAULT '' NOT NULL,
	role TEXT DEFAULT '' NOT NULL,
	principal_id UUID,
	principal_name TEXT DEFAULT '' NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	note_name TEXT DEFAULT '' NOT NULL,
	escalate_h INTEGER DEFAULT '0' NOT NULL,
	escalate_at TIMESTAMP WITH TIME ZONE,
	waiting_since TIMESTAMP WITH TIME ZONE,
	reminded_at TIMESTAMP WITH TIME ZONE,
	acted_by_id UUID,
	acted_by_name TEXT DEFAULT '' NOT NULL,
	acted_at TIMESTAMP WITH TIME ZONE,
	by_link BOOLEAN DEFAULT false NOT NULL,
	comment_ct BYTEA,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_approval_task PRIMARY KEY (id),
	CONSTRAINT ck_approval_task_state CHECK (state in ('planned', 'waiting', 'approved', 'rejected', 'handed_over', 'skipped', 'dropped')),
	CONSTRAINT ck_approval_task_mode CHECK (mode in ('all', 'any', 'sequential')),
	CONSTRAINT ck_approval_task_somebody CHECK (signer_id is not null or role <> '' or state = 'skipped'),
	CONSTRAINT fk_approval_task_case_id FOREIGN KEY(case_id) REFERENCES approval_case (id) ON DELETE CASCADE
);
CREATE INDEX ix_approval_task_acted_by_id_acted_at ON approval_task (acted_by_id, acted_at);
CREATE INDEX ix_approval_task_case_id ON approval_task (case_id);
CREATE INDEX ix_approval_task_escalate_at ON approval_task (escalate_at) WHERE state = 'waiting';
CREATE INDEX ix_approval_task_principal_id ON approval_task (principal_id) WHERE state = 'waiting';
CREATE INDEX ix_approval_task_role ON approval_task (role) WHERE state = 'waiting' and role <> '';
CREATE INDEX ix_approval_task_signer_id ON approval_task (signer_id) WHERE state = 'waiting';
CREATE TABLE recruiting_application (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	candidate_id UUID NOT NULL,
	job_id UUID NOT NULL,
	resume_id UUID,
	stage TEXT NOT NULL,
	stage_kind TEXT NOT NULL,
	stage_since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	state TEXT DEFAULT 'active' NOT NULL,
	rank INTEGER DEFAULT '0' NOT NULL,
	channel_id UUID,
	agency_id UUID,
	referrer_id UUID,
	reward_state TEXT DEFAULT '' NOT NULL,
	batch_id UUID,
	answers JSONB DEFAULT '{}' NOT NULL,
	findings JSONB DEFAULT '[]' NOT NULL,
	reason TEXT DEFAULT '' NOT NULL,
	feedback TEXT DEFAULT '' NOT NULL,
	applied_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_application PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_application_state CHECK (state IN ('active', 'set_aside', 'on_hold', 'rejected', 'withdrawn', 'hired')),
	CONSTRAINT fk_recruiting_application_candidate_id FOREIGN KEY(candidate_id) REFERENCES recruiting_candidate (id),
	CONSTRAINT fk_recruiting_application_job_id FOREIGN KEY(job_id) REFERENCES recruiting_job (id),
	CONSTRAINT fk_recruiting_application_resume_id FOREIGN KEY(resume_id) REFERENCES recruiting_resume (id),
	CONSTRAINT fk_recruiting_application_channel_id FOREIGN KEY(channel_id) REFERENCES recruiting_channel (id),
	CONSTRAINT fk_recruiting_application_agency_id FOREIGN KEY(agency_id) REFERENCES recruiting_agency (id),
	CONSTRAINT fk_recruiting_application_batch_id FOREIGN KEY(batch_id) REFERENCES recruiting_batch (id)
);
CREATE INDEX ix_recruiting_application_candidate_id ON recruiting_application (candidate_id);
CREATE INDEX ix_recruiting_application_job_id_state ON recruiting_application (job_id, state);
CREATE UNIQUE INDEX uq_recruiting_application_live ON recruiting_application (candidate_id, job_id) WHERE state IN ('active', 'set_aside', 'on_hold');
CREATE TABLE recruiting_event (
	id UUID NOT NULL,
	candidate_id UUID NOT NULL,
	application_id UUID,
	kind TEXT NOT NULL,
	data JSONB DEFAULT '{}' NOT NULL,
	note_ct BYTEA,
	actor_kind TEXT DEFAULT 'system' NOT NULL,
	actor_id UUID,
	actor_name TEXT DEFAULT '' NOT NULL,
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_event PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_event_kind CHECK (kind IN ('applied', 'moved', 'screened', 'set_aside', 'restored', 'rejected', 'withdrew', 'hired', 'note', 'message', 'tagged', 'merged', 'resume', 'interview', 'scorecard', 'offer', 'onboarding', 'survey', 'consent', 'corrected', 'referral', 'checked_in')),
	CONSTRAINT fk_recruiting_event_candidate_id FOREIGN KEY(candidate_id) REFERENCES recruiting_candidate (id),
	CONSTRAINT fk_recruiting_event_application_id FOREIGN KEY(application_id) REFERENCES recruiting_application (id)
);
CREATE INDEX ix_recruiting_event_application_id ON recruiting_event (application_id);
CREATE INDEX ix_recruiting_event_candidate_id_at ON recruiting_event (candidate_id, at);
CREATE INDEX ix_recruiting_event_kind_at ON recruiting_event (kind, at);
CREATE TABLE recruiting_interview (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	application_id UUID NOT NULL,
	round TEXT NOT NULL,
	name TEXT NOT NULL,
	mode TEXT DEFAULT 'video' NOT NULL,
	state TEXT DEFAULT 'proposed' NOT NULL,
	duration_min INTEGER DEFAULT '45' NOT NULL,
	starts_at TIMESTAMP WITH TIME ZONE,
	ends_at TIMESTAMP WITH TIME ZONE,
	choose_by TIMESTAMP WITH TIME ZONE,
	place TEXT DEFAULT '' NOT NULL,
	room_id UUID,
	meet_room_id UUID,
	uid TEXT NOT NULL,
	sequence INTEGER DEFAULT '0' NOT NULL,
	message TEXT DEFAULT '' NOT NULL,
	answer TEXT DEFAULT '' NOT NULL,
	moves_by_candidate INTEGER DEFAULT '0' NOT NULL,
	queue_day DATE,
	queue_number INTEGER,
	queue_state TEXT DEFAULT '' NOT NULL,
	queue_desk TEXT DEFAULT '' NOT NULL,
	planned_by UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	reminded_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_interview PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_interview_mode CHECK (mode IN ('video', 'onsite', 'phone')),
	CONSTRAINT ck_recruiting_interview_state CHECK (state IN ('proposed', 'booked', 'done', 'no_show', 'cancelled')),
	CONSTRAINT ck_recruiting_interview_queue_state CHECK (queue_state IN ('', 'waiting', 'called', 'seen', 'missed')),
	CONSTRAINT ck_recruiting_interview_period CHECK (ends_at IS NULL OR ends_at > starts_at),
	CONSTRAINT ck_recruiting_interview_booked_when CHECK (state <> 'booked' OR starts_at IS NOT NULL),
	CONSTRAINT uq_recruiting_interview_queue_day_queue_number UNIQUE (queue_day, queue_number),
	CONSTRAINT fk_recruiting_interview_application_id FOREIGN KEY(application_id) REFERENCES recruiting_application (id),
	CONSTRAINT uq_recruiting_interview_uid UNIQUE (uid)
);
CREATE INDEX ix_recruiting_interview_application_id ON recruiting_interview (application_id);
CREATE INDEX ix_recruiting_interview_starts_at ON recruiting_interview (starts_at);
CREATE TABLE recruiting_offer (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	number TEXT NOT NULL,
	application_id UUID NOT NULL,
	state TEXT DEFAULT 'draft' NOT NULL,
	title TEXT NOT NULL,
	unit_id UUID NOT NULL,
	position_id UUID,
	legal_entity_id UUID,
	manager_id UUID,
	place TEXT DEFAULT '' NOT NULL,
	start_on DATE NOT NULL,
	probation_months INTEGER DEFAULT '3' NOT NULL,
	contract_months INTEGER,
	package_ct BYTEA,
	letter_id UUID,
	locale TEXT DEFAULT 'zh_CN' NOT NULL,
	file_id UUID,
	file_sha256 TEXT DEFAULT '' NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE,
	sent_at TIMESTAMP WITH TIME ZONE,
	answered_at TIMESTAMP WITH TIME ZONE,
	evidence_ct BYTEA,
	evidence_sha256 TEXT DEFAULT '' NOT NULL,
	reason TEXT DEFAULT '' NOT NULL,
	created_by UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_offer PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_offer_state CHECK (state IN ('draft', 'pending', 'approved', 'rejected', 'sent', 'accepted', 'declined', 'expired', 'withdrawn')),
	CONSTRAINT uq_recruiting_offer_number UNIQUE (number),
	CONSTRAINT fk_recruiting_offer_application_id FOREIGN KEY(application_id) REFERENCES recruiting_application (id)
);
CREATE INDEX ix_recruiting_offer_application_id ON recruiting_offer (application_id);
CREATE UNIQUE INDEX uq_recruiting_offer_live ON recruiting_offer (application_id) WHERE state IN ('draft', 'pending', 'approved', 'sent', 'accepted');
CREATE TABLE recruiting_onboarding (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	offer_id UUID NOT NULL,
	application_id UUID NOT NULL,
	candidate_id UUID NOT NULL,
	state TEXT DEFAULT 'preparing' NOT NULL,
	start_on DATE NOT NULL,
	form_ct BYTEA,
	employee_id UUID,
	owner_id UUID,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_onboarding PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_onboarding_state CHECK (state IN ('preparing', 'ready', 'joined', 'no_show', 'cancelled')),
	CONSTRAINT uq_recruiting_onboarding_offer_id UNIQUE (offer_id),
	CONSTRAINT fk_recruiting_onboarding_offer_id FOREIGN KEY(offer_id) REFERENCES recruiting_offer (id),
	CONSTRAINT fk_recruiting_onboarding_application_id FOREIGN KEY(application_id) REFERENCES recruiting_application (id),
	CONSTRAINT fk_recruiting_onboarding_candidate_id FOREIGN KEY(candidate_id) REFERENCES recruiting_candidate (id)
);
CREATE INDEX ix_recruiting_onboarding_application_id ON recruiting_onboarding (application_id);
CREATE INDEX ix_recruiting_onboarding_candidate_id ON recruiting_onboarding (candidate_id);
CREATE TABLE recruiting_panelist (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	interview_id UUID NOT NULL,
	user_id UUID NOT NULL,
	role TEXT DEFAULT 'interviewer' NOT NULL,
	answer TEXT DEFAULT '' NOT NULL,
	verdict TEXT,
	scores_ct BYTEA,
	notes_ct BYTEA,
	submitted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_recruiting_panelist PRIMARY KEY (id),
	CONSTRAINT uq_recruiting_panelist_interview_id_user_id UNIQUE (interview_id, user_id),
	CONSTRAINT ck_recruiting_panelist_verdict CHECK (verdict IS NULL OR verdict IN ('strong_yes', 'yes', 'no', 'strong_no')),
	CONSTRAINT fk_recruiting_panelist_interview_id FOREIGN KEY(interview_id) REFERENCES recruiting_interview (id)
);
CREATE INDEX ix_recruiting_panelist_user_id ON recruiting_panelist (user_id);
CREATE TABLE recruiting_slot (
	id UUID NOT NULL,
	job_id UUID NOT NULL,
	round TEXT NOT NULL,
	proposed_to_id UUID,
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
	panel_ids UUID[] DEFAULT '{}' NOT NULL,
	room_id UUID,
	interview_id UUID,
	taken_at TIMESTAMP WITH TIME ZONE,
	withdrawn BOOLEAN DEFAULT false NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
	CONSTRAINT pk_recruiting_slot PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_slot_period CHECK (ends_at > starts_at),
	CONSTRAINT fk_recruiting_slot_job_id FOREIGN KEY(job_id) REFERENCES recruiting_job (id),
	CONSTRAINT fk_recruiting_slot_proposed_to_id FOREIGN KEY(proposed_to_id) REFERENCES recruiting_interview (id),
	CONSTRAINT uq_recruiting_slot_interview_id UNIQUE (interview_id),
	CONSTRAINT fk_recruiting_slot_interview_id FOREIGN KEY(interview_id) REFERENCES recruiting_interview (id)
);
CREATE INDEX ix_recruiting_slot_job_id_round_starts_at ON recruiting_slot (job_id, round, starts_at);
CREATE INDEX ix_recruiting_slot_proposed_to_id ON recruiting_slot (proposed_to_id);
CREATE TABLE recruiting_task (
	id UUID NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL,
	onboarding_id UUID NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	title TEXT NOT NULL,
	guide TEXT DEFAULT '' NOT NULL,
	by_newcomer BOOLEAN DEFAULT false NOT NULL,
	role TEXT DEFAULT '' NOT NULL,
	user_id UUID,
	required BOOLEAN DEFAULT true NOT NULL,
	due_on DATE,
	state TEXT DEFAULT 'open' NOT NULL,
	remark TEXT DEFAULT '' NOT NULL,
	file_id UUID,
	done_by UUID,
	done_at TIMESTAMP WITH TIME ZONE,
	sort INTEGER DEFAULT '100' NOT NULL,
	CONSTRAINT pk_recruiting_task PRIMARY KEY (id),
	CONSTRAINT ck_recruiting_task_kind CHECK (kind IN ('form', 'paper', 'task')),
	CONSTRAINT ck_recruiting_task_state CHECK (state IN ('open', 'handed_in', 'returned', 'done', 'dropped')),
	CONSTRAINT fk_recruiting_task_onboarding_id FOREIGN KEY(onboarding_id) REFERENCES recruiting_onboarding (id)
);
CREATE INDEX ix_recruiting_task_onboarding_id ON recruiting_task (onboarding_id, sort);
ALTER TABLE records_unit_period ADD CONSTRAINT fk_records_unit_period_leader_id FOREIGN KEY(leader_id) REFERENCES records_employee (id);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version (version_num) VALUES ('0001');
REVOKE ALL ON ALL TABLES IN SCHEMA __tenant__ FROM __tenant__, __sequencer__, PUBLIC;
GRANT SELECT ON audit_head, audit_link, crypto_data_key TO __tenant__;
GRANT SELECT, INSERT ON audit_event TO __tenant__;
GRANT SELECT, INSERT, UPDATE, DELETE ON approval_case, approval_delegation, approval_flow, approval_task, approval_version, auth_api_token, auth_attempt, auth_recovery, auth_role, auth_role_grant, auth_session, auth_user, auth_user_role, calendar_entry, calendar_feed, calendar_room, calendar_source, file_chunk, file_object, guest_code, guest_session, job_job, job_outbox, licensing_licence, licensing_toggle, meet_event, meet_member, meet_room, notice_channel, notice_message, notice_subscription, notice_template, payroll_basis, payroll_group, payroll_input, payroll_item, payroll_opening, payroll_payslip, payroll_profile, payroll_run, records_assignment, records_employee, records_import, records_import_row, records_legal_entity, records_position, records_unit, records_unit_period, recruiting_agency, recruiting_agency_member, recruiting_application, recruiting_batch, recruiting_candidate, recruiting_catalogue, recruiting_channel, recruiting_consent, recruiting_erasure, recruiting_event, recruiting_headcount, recruiting_interview, recruiting_job, recruiting_merge, recruiting_offer, recruiting_onboarding, recruiting_panelist, recruiting_requisition, recruiting_resume, recruiting_slot, recruiting_task, web_idempotency, web_saved_view, web_site TO __tenant__;
GRANT SELECT ON audit_event TO __sequencer__;
GRANT SELECT, INSERT ON audit_link TO __sequencer__;
GRANT SELECT, INSERT, UPDATE ON audit_head TO __sequencer__;
