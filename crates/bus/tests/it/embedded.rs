//! What only the transport inside SQLite promises: files, processes, leases.
