internal import ClusterInterface
internal import MetricsModel
internal import PrometheusAPI
internal import ServiceSupport

/// Changes limits in the store: reads what is there, makes the change, and writes it if nothing came between.
struct OverridesEditor: OverridesEditing {
    let store: any OverridesStore
    /// What a change is checked by.
    let overrides: @Sendable () -> TenantOverrides
    /// Whether every limit may be changed.
    var isOperator = false
    /// Called with each row that was written.
    let onWrite: @Sendable (TenantOverridesRow) -> Void

    /// Times that a change is made anew because another came first.
    private static let maximumAttempts = 20

    func edit(
        _ edit: OverridesEdit,
        of tenant: TenantID,
        expectedVersion: Int64?,
        author: String,
        comment: String
    ) async throws -> Int64 {
        do {
            for _ in 0..<Self.maximumAttempts {
                let newest = try await row(of: tenant, through: nil)
                let version = newest?.version ?? 0
                guard expectedVersion == nil || expectedVersion == version else {
                    throw OverridesError.conflict(current: version)
                }
                let old = try newest.map { try readable($0) } ?? OverridesDocument()
                let new = try await document(edit, of: tenant, from: old)
                guard new != old else { return version }
                let change = TenantOverridesChange(
                    tenant: tenant,
                    document: new.json,
                    author: author,
                    comment: comment,
                    expectedVersion: version
                )
                if let row = try await store.write(change) {
                    onWrite(row)
                    return row.version
                }
            }
            throw OverridesError.unavailable(
                "others changed the tenant's limits \(Self.maximumAttempts) times meanwhile"
            )
        } catch let error as StoreError {
            throw OverridesError.unavailable("\(error)")
        } catch let error as OverridesRefusal {
            throw OverridesError.refused(error.description)
        }
    }

    func history(
        of tenant: TenantID,
        before: Int64?,
        limit: Int
    ) async throws -> [OverridesVersion] {
        do {
            // One more, for what the oldest one changed.
            let rows = try await store.tenantOverrides(
                of: tenant,
                through: before.map { $0 - 1 },
                limit: limit + 1
            )
            return zip(rows.indices, rows).prefix(limit).map { index, row in
                let earlier = index + 1 < rows.count ? rows[index + 1] : nil
                return Self.version(row, after: earlier)
            }
        } catch let error as StoreError {
            throw OverridesError.unavailable("\(error)")
        }
    }

    private func document(
        _ edit: OverridesEdit,
        of tenant: TenantID,
        from old: OverridesDocument
    ) async throws -> OverridesDocument {
        let edit: TenantOverrides.Edit =
            switch edit {
            case .merge(let json): .merge(json: json)
            case .removeAll: .removeAll
            case .restore(let version):
                .restore(try await earlierDocument(of: tenant, version: version))
            }
        return try overrides().document(
            of: tenant.name,
            after: edit,
            of: old,
            isOperator: isOperator
        )
    }

    private func earlierDocument(
        of tenant: TenantID,
        version: Int64
    ) async throws -> OverridesDocument {
        guard let row = try await row(of: tenant, through: version), row.version == version else {
            throw OverridesError.unknownVersion(version)
        }
        return try Self.document(row)
    }

    private func row(
        of tenant: TenantID,
        through version: Int64?
    ) async throws
        -> TenantOverridesRow?
    {
        try await store.tenantOverrides(of: tenant, through: version, limit: 1).first
    }

    /// What a change is made from; of a row that cannot be read, an operator replaces all.
    private func readable(_ row: TenantOverridesRow) throws -> OverridesDocument {
        do {
            return try Self.document(row)
        } catch {
            guard isOperator else { throw error }
            return OverridesDocument()
        }
    }

    private static func document(_ row: TenantOverridesRow) throws -> OverridesDocument {
        do throws(OverridesRefusal) {
            return try OverridesDocument(json: row.document)
        } catch {
            throw OverridesError.refused(
                "version \(row.version) in the store cannot be read; go back to an earlier one with "
                    + "engram tenants overrides rollback"
            )
        }
    }

    /// A row that cannot be read shows as one without limits.
    private static func version(
        _ row: TenantOverridesRow,
        after earlier: TenantOverridesRow?
    ) -> OverridesVersion {
        let document = (try? OverridesDocument(json: row.document)) ?? OverridesDocument()
        let before =
            earlier.flatMap { try? OverridesDocument(json: $0.document) } ?? OverridesDocument()
        return OverridesVersion(
            version: row.version,
            changedAt: row.changedAt,
            author: row.author,
            comment: row.comment,
            document: document.json,
            changes: document.changes(from: before).map {
                OverridesVersion.Change(name: $0.name, before: $0.before, after: $0.after)
            }
        )
    }
}
