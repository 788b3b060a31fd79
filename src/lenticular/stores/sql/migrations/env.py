"""What Alembic runs: the migrations, in the transaction of the connection that it is given."""

from alembic import context

from lenticular.stores.sql.picture_tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
