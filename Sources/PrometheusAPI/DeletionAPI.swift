public import ClusterInterface
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel
internal import Querying

/// Deletion of series, as in Prometheus' administration API, and what became of it.
///
/// An order is in force for queries once it is answered. Its bytes go when compaction has written the blocks anew.
public struct DeletionAPI: Sendable {
    private let querier: Querier
    private let store: any DeletionStore
    private let authentication: Authentication
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64

    /// Deletions in one answer about them.
    private static let maximumListed = 1000

    /// - Parameter query: Counts what a deletion would take.
    public init(_ query: QueryAPI, store: any DeletionStore) {
        querier = query.querier
        authentication = query.authentication
        now = query.now
        self.store = store
    }

    func addRoutes(to router: Router<APIContext>) {
        for prefix in QueryAPI.prefixes {
            let path = RouterPath("\(prefix)/admin/tsdb/delete_series")
            router.post(path) { try await answer($0, $1, delete) }
            router.put(path) { try await answer($0, $1, delete) }
            router.get(RouterPath("\(prefix)/admin/tsdb/deletions")) {
                try await answer($0, $1, list)
            }
        }
        // The names of Cortex and Mimir.
        for prefix in ["/purger", "/compactor"] {
            router.post(RouterPath("\(prefix)/delete_tenant")) {
                try await answer($0, $1, deleteTenant)
            }
            router.get(RouterPath("\(prefix)/delete_tenant_status")) {
                try await answer($0, $1, tenantStatus)
            }
        }
    }

    private func answer(
        _ request: Request,
        _ context: APIContext,
        _ handler: (Request, QueryParameterReader) async throws -> Response
    ) async throws -> Response {
        do {
            return try await handler(
                request,
                try await QueryParameterReader(request, context, now: now())
            )
        } catch let error as StoreError {
            return APIError(
                .unavailable,
                "the deletion was not stored: \(error)",
                status: .serviceUnavailable
            ).response()
        } catch {
            return APIError(error).response()
        }
    }

    private func delete(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) async throws -> Response {
        let tenant = try authentication.writer(request)
        let selectors = try parameters.selectors()
        let texts = try parameters.selectorTexts()
        guard !selectors.isEmpty else { throw APIError(.badData, "no match[] parameter provided") }
        guard texts.count <= SeriesDeletion.maximumSelectors,
            texts.allSatisfy({ $0.utf8.count <= SeriesDeletion.maximumSelectorSize })
        else {
            throw APIError(
                .badData,
                "\(texts.count) selectors; at most \(SeriesDeletion.maximumSelectors) of at most "
                    + "\(SeriesDeletion.maximumSelectorSize) bytes each can be deleted by one request"
            )
        }
        var range = try parameters.range()
        // What is not there yet cannot be meant.
        range.end = min(range.end, parameters.now + 1)
        guard !range.isEmpty else {
            throw APIError.badParameter("start", "the range begins in the future")
        }
        if try parameters.flag("dry_run") {
            return .json(
                preview(try await querier.preview(of: tenant, matching: selectors, in: range))
            )
        }
        let deletion = try await store.order(
            texts,
            of: tenant,
            in: range
        )
        var response = Response(status: .noContent)
        if let name = HTTPField.Name("X-Engram-Deletion") {
            response.headers[name] = String(deletion.number)
        }
        return response
    }

    /// Deletes all that a tenant has now.
    private func deleteTenant(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) async throws -> Response {
        let tenant = try authentication.writer(request)
        _ = try await store.order(
            [],
            of: tenant,
            in: TimeRange(start: .min, end: parameters.now + 1)
        )
        return Response(status: .ok)
    }

    /// What is left of a tenant in the store, by table.
    private func tenantStatus(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) async throws -> Response {
        let tenant = try authentication.writer(request)
        let counts = try await store.rowCounts(of: tenant)
        var json = JSONBuffer()
        json.raw("{\"tenant_id\":")
        json.string(tenant.name)
        json.raw(",\"blocks_deleted\":")
        json.boolean(["blocks", "block_pages"].allSatisfy { counts[$0] == 0 })
        json.raw(",\"rows\":{")
        for (index, table) in counts.keys.sorted().enumerated() {
            if index > 0 { json.raw(",") }
            json.string(table)
            json.raw(":")
            json.integer(UInt64(max(0, counts[table] ?? 0)))
        }
        json.raw("}}")
        return .json(json)
    }

    private func preview(_ preview: DeletionPreview) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":{\"dryRun\":true,\"series\":")
        json.integer(UInt64(preview.seriesCount))
        json.raw(",\"samples\":")
        json.integer(UInt64(preview.sampleCount))
        if let first = preview.firstTime, let last = preview.lastTime {
            json.raw(",\"firstTime\":")
            json.timestamp(first)
            json.raw(",\"lastTime\":")
            json.timestamp(last)
        }
        json.raw("}}")
        return json
    }

    private func list(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) async throws -> Response {
        let tenant = try authentication.writer(request)
        let deletions = try await store.deletions(of: tenant, limit: Self.maximumListed)
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":")
        json.list(deletions) { write($1, to: &$0) }
        json.raw("}")
        return .json(json)
    }

    private func write(_ deletion: SeriesDeletion, to json: inout JSONBuffer) {
        json.raw("{\"number\":")
        json.integer(deletion.number)
        json.raw(",\"phase\":")
        json.string(deletion.phase.rawValue)
        json.raw(",\"selectors\":")
        json.list(deletion.selectors) { $0.string($1) }
        if deletion.range.start > .min {
            json.raw(",\"start\":")
            json.timestamp(deletion.range.start)
        }
        json.raw(",\"end\":")
        json.timestamp(deletion.range.end - 1)
        json.raw(",\"requestedAt\":")
        json.timestamp(deletion.requestedAt)
        if let finished = deletion.finishedAt {
            json.raw(",\"finishedAt\":")
            json.timestamp(finished)
        }
        json.raw(",\"removedSamples\":")
        json.integer(UInt64(max(0, deletion.removedSamples)))
        json.raw("}")
    }
}
