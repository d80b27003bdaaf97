"""The first tables. Written by ``python -m tenants.migrations.render``."""

# ruff: noqa
# fmt: off
import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('xid', sa.BigInteger(), server_default=sa.text('(pg_current_xact_id()::text::bigint)'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_user_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('actor_roles', postgresql.ARRAY(Text()), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=False),
    sa.Column('ip', sa.Text(), nullable=False),
    sa.Column('user_agent', sa.Text(), nullable=False),
    sa.Column('object_type', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Text(), nullable=False),
    sa.Column('fields', postgresql.ARRAY(Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('sensitive', sa.Boolean(), nullable=False),
    sa.Column('changes_ct', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("actor_kind in ('user', 'job', 'operator', 'system')", name=op.f('ck_audit_event_actor_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    info={'rights': ('select', 'insert'), 'sequencer': ('select',)}
    )
    op.create_index('ix_audit_event_at', 'audit_event', ['at', 'id'], unique=False)
    op.create_index('ix_audit_event_object', 'audit_event', ['object_type', 'object_id'], unique=False)
    op.create_index('ix_audit_event_xid', 'audit_event', ['xid'], unique=False)
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('cursor_xid', sa.BigInteger(), nullable=False),
    sa.Column('chained_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_audit_head_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head')),
    info={'rights': ('select',), 'sequencer': ('select', 'insert', 'update')}
    )
    op.create_table('auth_attempt',
    sa.Column('subject', sa.LargeBinary(), nullable=False),
    sa.Column('failed_count', sa.Integer(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_auth_attempt'))
    )
    op.create_table('auth_role',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('builtin', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_role')),
    sa.UniqueConstraint('code', name=op.f('uq_auth_role_code'))
    )
    op.create_table('auth_user',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('employee_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('must_change_password', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('totp_secret_ct', sa.LargeBinary(), nullable=True),
    sa.Column('totp_enabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('totp_last_step', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("status in ('active', 'disabled')", name=op.f('ck_auth_user_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_user')),
    sa.UniqueConstraint('login', name=op.f('uq_auth_user_login'))
    )
    op.create_index(op.f('ix_auth_user_employee_id'), 'auth_user', ['employee_id'], unique=False, postgresql_where='employee_id is not null')
    op.create_table('crypto_data_key',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('suite', sa.Integer(), server_default='1', nullable=False),
    sa.Column('wrapped', sa.Text(), nullable=False),
    sa.Column('active_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("purpose in ('fields', 'blind', 'audit')", name=op.f('ck_crypto_data_key_purpose')),
    sa.CheckConstraint('number between 1 and 65535', name=op.f('ck_crypto_data_key_number')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_crypto_data_key')),
    info={'rights': ('select',)}
    )
    op.create_table('job_job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), server_default='', nullable=False),
    sa.Column('url', sa.Text(), server_default='', nullable=False),
    sa.Column('args', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('quiet', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('progress_done', sa.Integer(), server_default='0', nullable=False),
    sa.Column('progress_total', sa.Integer(), server_default='0', nullable=False),
    sa.Column('progress_note', sa.Text(), server_default='', nullable=False),
    sa.Column('cancel_requested', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('losses', sa.Integer(), server_default='0', nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=Text()), nullable=True),
    sa.Column('error_code', sa.Text(), server_default='', nullable=False),
    sa.Column('error_message', sa.Text(), server_default='', nullable=False),
    sa.Column('requested_by_id', sa.Uuid(), nullable=True),
    sa.Column('requested_by_name', sa.Text(), server_default='', nullable=False),
    sa.Column('requested_by_employee_id', sa.Uuid(), nullable=True),
    sa.Column('request_id', sa.Text(), server_default='', nullable=False),
    sa.Column('locale', sa.Text(), server_default='zh_CN', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued','running','succeeded','failed','cancelled')", name=op.f('ck_job_job_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_job_key'))
    )
    op.create_table('licensing_licence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('licence_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('installed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('installed_by_name', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_licensing_licence')),
    sa.UniqueConstraint('licence_id', name=op.f('uq_licensing_licence_licence_id'))
    )
    op.create_index('ix_licensing_licence_installed_at', 'licensing_licence', [sa.literal_column('installed_at DESC')], unique=False)
    op.create_table('licensing_toggle',
    sa.Column('module', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('changed_by_name', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('module', name=op.f('pk_licensing_toggle'))
    )
    op.create_table('records_employee',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('gender', sa.Text(), nullable=True),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('hired_on', sa.Date(), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), server_default='regular', nullable=False),
    sa.Column('id_kind', sa.Text(), server_default='resident', nullable=False),
    sa.Column('id_number_ct', sa.LargeBinary(), nullable=True),
    sa.Column('id_number_bidx', sa.LargeBinary(), nullable=True),
    sa.Column('bank_account_ct', sa.LargeBinary(), nullable=True),
    sa.Column('bank_account_bidx', sa.LargeBinary(), nullable=True),
    sa.Column('bank_name', sa.Text(), server_default='', nullable=False),
    sa.Column('mobile_ct', sa.LargeBinary(), nullable=True),
    sa.Column('mobile_bidx', sa.LargeBinary(), nullable=True),
    sa.Column('email_ct', sa.LargeBinary(), nullable=True),
    sa.Column('home_address_ct', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("gender IS NULL OR gender IN ('male', 'female')", name=op.f('ck_records_employee_gender')),
    sa.CheckConstraint("id_kind IN ('resident', 'hk_macau', 'taiwan', 'foreign_permit', 'passport', 'other')", name=op.f('ck_records_employee_id_kind')),
    sa.CheckConstraint("number <> '' AND name <> ''", name=op.f('ck_records_employee_named')),
    sa.CheckConstraint("status IN ('probation', 'regular', 'suspended')", name=op.f('ck_records_employee_status')),
    sa.CheckConstraint('left_on IS NULL OR left_on >= hired_on', name=op.f('ck_records_employee_left_after_hired')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_employee')),
    sa.UniqueConstraint('id_number_bidx', name=op.f('uq_records_employee_id_number_bidx')),
    sa.UniqueConstraint('number', name=op.f('uq_records_employee_number'))
    )
    op.create_index(op.f('ix_records_employee_bank_account_bidx'), 'records_employee', ['bank_account_bidx'], unique=False)
    op.create_index(op.f('ix_records_employee_mobile_bidx'), 'records_employee', ['mobile_bidx'], unique=False)
    op.create_table('records_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('state', sa.Text(), server_default='staged', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by_id', sa.Uuid(), nullable=True),
    sa.Column('created_by_name', sa.Text(), server_default='', nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('file_bytes', sa.Integer(), nullable=False),
    sa.Column('file_ct', sa.LargeBinary(), nullable=True),
    sa.Column('layout', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('plan', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('counts', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('staged', 'checked', 'committing', 'committed', 'undoing', 'undone', 'cancelled')", name=op.f('ck_records_import_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_import'))
    )
    op.create_table('records_legal_entity',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('short_name', sa.Text(), server_default='', nullable=False),
    sa.Column('uscc', sa.Text(), nullable=True),
    sa.Column('city', sa.Text(), server_default='', nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_legal_entity')),
    sa.UniqueConstraint('name', name=op.f('uq_records_legal_entity_name')),
    sa.UniqueConstraint('uscc', name=op.f('uq_records_legal_entity_uscc'))
    )
    op.create_table('records_position',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('family', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_position')),
    sa.UniqueConstraint('code', name=op.f('uq_records_position_code')),
    sa.UniqueConstraint('name', name=op.f('uq_records_position_name'))
    )
    op.create_table('records_unit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_unit')),
    sa.UniqueConstraint('code', name=op.f('uq_records_unit_code'))
    )
    op.create_table('web_idempotency',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('request_hash', sa.LargeBinary(), nullable=False),
    sa.Column('answer_ct', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_idempotency')),
    sa.UniqueConstraint('actor', 'key', name='uq_web_idempotency_actor_key')
    )
    op.create_index('ix_web_idempotency_created_at', 'web_idempotency', ['created_at'], unique=False)
    op.create_table('web_saved_view',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('table_name', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('query', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_saved_view')),
    sa.UniqueConstraint('user_id', 'table_name', 'name', name='uq_web_saved_view_user_table_name')
    )
    op.create_table('audit_link',
    sa.Column('sequence', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('chained_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['audit_event.id'], name=op.f('fk_audit_link_event_id')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_link')),
    sa.UniqueConstraint('event_id', name=op.f('uq_audit_link_event_id')),
    info={'rights': ('select',), 'sequencer': ('select', 'insert')}
    )
    op.create_table('auth_api_token',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('permissions', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['auth_user.id'], name=op.f('fk_auth_api_token_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_api_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_auth_api_token_token_hash'))
    )
    op.create_index(op.f('ix_auth_api_token_user_id'), 'auth_api_token', ['user_id'], unique=False)
    op.create_table('auth_recovery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('secret_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('code', 'link')", name=op.f('ck_auth_recovery_kind')),
    sa.ForeignKeyConstraint(['user_id'], ['auth_user.id'], name=op.f('fk_auth_recovery_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_recovery')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_auth_recovery_secret_hash'))
    )
    op.create_index(op.f('ix_auth_recovery_user_id'), 'auth_recovery', ['user_id'], unique=False)
    op.create_table('auth_role_grant',
    sa.Column('role_id', sa.Uuid(), nullable=False),
    sa.Column('permission', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.CheckConstraint("scope in ('self', 'direct_reports', 'reports', 'unit', 'all')", name=op.f('ck_auth_role_grant_scope')),
    sa.ForeignKeyConstraint(['role_id'], ['auth_role.id'], name=op.f('fk_auth_role_grant_role_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('role_id', 'permission', name=op.f('pk_auth_role_grant'))
    )
    op.create_table('auth_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('ip', sa.Text(), server_default='', nullable=False),
    sa.Column('user_agent', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('authenticated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("stage in ('second_factor', 'new_password', 'full')", name=op.f('ck_auth_session_stage')),
    sa.ForeignKeyConstraint(['user_id'], ['auth_user.id'], name=op.f('fk_auth_session_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auth_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_auth_session_token_hash'))
    )
    op.create_index(op.f('ix_auth_session_user_id'), 'auth_session', ['user_id'], unique=False)
    op.create_table('auth_user_role',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role_id', sa.Uuid(), nullable=False),
    sa.Column('unit_ids', sa.ARRAY(sa.Uuid()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['auth_role.id'], name=op.f('fk_auth_user_role_role_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['auth_user.id'], name=op.f('fk_auth_user_role_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'role_id', name=op.f('pk_auth_user_role'))
    )
    op.create_index(op.f('ix_auth_user_role_role_id'), 'auth_user_role', ['role_id'], unique=False)
    op.create_table('job_outbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('event', sa.Text(), nullable=True),
    sa.Column('payload', postgresql.JSONB(astext_type=Text()), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('handed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease', sa.Uuid(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('(job_id IS NULL) <> (event IS NULL)', name=op.f('ck_job_outbox_one_kind')),
    sa.ForeignKeyConstraint(['job_id'], ['job_job.id'], name=op.f('fk_job_outbox_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_outbox')),
    sa.UniqueConstraint('job_id', name=op.f('uq_job_outbox_job_id'))
    )
    op.create_index('ix_job_outbox_due_at', 'job_outbox', ['due_at'], unique=False)
    op.create_table('records_assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('employee_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('position_id', sa.Uuid(), nullable=True),
    sa.Column('manager_id', sa.Uuid(), nullable=True),
    sa.Column('legal_entity_id', sa.Uuid(), nullable=False),
    sa.Column('city', sa.Text(), server_default='', nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(uuid_hash_extended(employee_id, 0), uuid_hash_extended(employee_id, 0), '[]')"), '='), (sa.literal_column("daterange(valid_from, valid_to, '[]')"), '&&'), using='gist', name='ex_records_assignment_period'),
    sa.CheckConstraint('manager_id IS NULL OR manager_id <> employee_id', name=op.f('ck_records_assignment_not_own_manager')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_records_assignment_period')),
    sa.ForeignKeyConstraint(['employee_id'], ['records_employee.id'], name=op.f('fk_records_assignment_employee_id')),
    sa.ForeignKeyConstraint(['legal_entity_id'], ['records_legal_entity.id'], name=op.f('fk_records_assignment_legal_entity_id')),
    sa.ForeignKeyConstraint(['manager_id'], ['records_employee.id'], name=op.f('fk_records_assignment_manager_id')),
    sa.ForeignKeyConstraint(['position_id'], ['records_position.id'], name=op.f('fk_records_assignment_position_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['records_unit.id'], name=op.f('fk_records_assignment_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_assignment')),
    sa.UniqueConstraint('employee_id', 'valid_from', name=op.f('uq_records_assignment_employee_id_valid_from'))
    )
    op.create_index('ix_records_assignment_manager_id', 'records_assignment', ['manager_id'], unique=False)
    op.create_index('ix_records_assignment_unit_id', 'records_assignment', ['unit_id'], unique=False)
    op.create_table('records_import_row',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), server_default='staged', nullable=False),
    sa.Column('commit_order', sa.Integer(), server_default='0', nullable=False),
    sa.Column('employee_id', sa.Uuid(), nullable=True),
    sa.Column('employee_version', sa.Integer(), nullable=True),
    sa.Column('cells_ct', sa.LargeBinary(), nullable=True),
    sa.Column('values_ct', sa.LargeBinary(), nullable=True),
    sa.Column('faults_ct', sa.LargeBinary(), nullable=True),
    sa.Column('before_ct', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("state IN ('staged', 'ready', 'fault', 'skipped', 'added', 'updated', 'undone')", name=op.f('ck_records_import_row_state')),
    sa.ForeignKeyConstraint(['import_id'], ['records_import.id'], name=op.f('fk_records_import_row_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_import_row')),
    sa.UniqueConstraint('import_id', 'row_number', name=op.f('uq_records_import_row_import_id_row_number'))
    )
    op.create_table('records_unit_period',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('leader_id', sa.Uuid(), nullable=True),
    sa.Column('sort', sa.Integer(), server_default='0', nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(uuid_hash_extended(unit_id, 0), uuid_hash_extended(unit_id, 0), '[]')"), '='), (sa.literal_column("daterange(valid_from, valid_to, '[]')"), '&&'), using='gist', name='ex_records_unit_period_period'),
    sa.CheckConstraint("name <> ''", name=op.f('ck_records_unit_period_named')),
    sa.CheckConstraint('parent_id IS NULL OR parent_id <> unit_id', name=op.f('ck_records_unit_period_not_its_own_parent')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_records_unit_period_period')),
    sa.ForeignKeyConstraint(['leader_id'], ['records_employee.id'], name=op.f('fk_records_unit_period_leader_id'), use_alter=True),
    sa.ForeignKeyConstraint(['parent_id'], ['records_unit.id'], name=op.f('fk_records_unit_period_parent_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['records_unit.id'], name=op.f('fk_records_unit_period_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records_unit_period')),
    sa.UniqueConstraint('unit_id', 'valid_from', name=op.f('uq_records_unit_period_unit_id_valid_from'))
    )
    op.create_foreign_key(op.f('fk_records_unit_period_leader_id'), 'records_unit_period', 'records_employee', ['leader_id'], ['id'], use_alter=True)
