"""The first tables. Written by ``python -m tenants.migrations.render``."""

# ruff: noqa
# fmt: off
import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text, Uuid
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('operator',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status in ('active', 'disabled')", name=op.f('ck_operator_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator')),
    sa.UniqueConstraint('login', name=op.f('uq_operator_login')),
    schema='control',
    info={'rights': ('select',)}
    )
    op.create_table('tenant',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='provisioning', nullable=False),
    sa.Column('status_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('status_changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("id ~ '^t_[a-z2-7]{16}$'", name=op.f('ck_tenant_id')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_tenant_name')),
    sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'", name=op.f('ck_tenant_slug')),
    sa.CheckConstraint("status in ('provisioning', 'active', 'suspended')", name=op.f('ck_tenant_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenant')),
    sa.UniqueConstraint('slug', name=op.f('uq_tenant_slug')),
    schema='control',
    info={'rights': ('select',), 'sequencer': ('select',)}
    )
    op.create_table('operator_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('operator_id', sa.Uuid(), nullable=True),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Text(), server_default='', nullable=False),
    sa.Column('target', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('ip', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['operator_id'], ['control.operator.id'], name=op.f('fk_operator_event_operator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator_event')),
    schema='control',
    info={'rights': ('select', 'insert')}
    )
    op.create_index(op.f('ix_operator_event_created_at'), 'operator_event', ['created_at'], unique=False, schema='control')
    op.create_table('operator_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('operator_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('ip', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['operator_id'], ['control.operator.id'], name=op.f('fk_operator_session_operator_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_operator_session_token_hash')),
    schema='control',
    info={'rights': ('select', 'insert', 'update', 'delete')}
    )
    op.create_index(op.f('ix_operator_session_operator_id'), 'operator_session', ['operator_id'], unique=False, schema='control')
    op.create_table('tenant_host',
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("host = lower(host) and host <> ''", name=op.f('ck_tenant_host_host')),
    sa.ForeignKeyConstraint(['tenant_id'], ['control.tenant.id'], name=op.f('fk_tenant_host_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_tenant_host')),
    schema='control'
    )
    op.create_index(op.f('ix_tenant_host_tenant_id'), 'tenant_host', ['tenant_id'], unique=False, schema='control')
    op.create_table('tenant_migration',
    sa.Column('tenant_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state in ('current', 'failed')", name=op.f('ck_tenant_migration_state')),
    sa.ForeignKeyConstraint(['tenant_id'], ['control.tenant.id'], name=op.f('fk_tenant_migration_tenant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_tenant_migration')),
    schema='control',
    info={'rights': ()}
    )
