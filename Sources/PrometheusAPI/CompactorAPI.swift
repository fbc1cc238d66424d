public import Compaction
internal import Hummingbird
internal import MetricsModel

/// What the compactor of this process does, for operators.
public struct CompactorAPI: Sendable {
    private let status: @Sendable () -> CompactionStatus

    /// - Parameter status: As it is now.
    public init(status: @escaping @Sendable () -> CompactionStatus) { self.status = status }

    func addRoutes(to router: Router<APIContext>) {
        let status = status
        router.get("/compactor/status") { _, _ in Response.json(Self.json(status())) }
    }

    /// Times are seconds since the Unix epoch, null where there is none.
    static func json(_ status: CompactionStatus) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"jobs\":")
        json.list(status.jobs) { json, job in
            json.raw("{\"tenant\":")
            json.string(job.tenant.name)
            json.raw(",\"day\":")
            json.timestamp(job.day * 86_400_000)
            json.raw(",\"blocks\":")
            json.integer(UInt64(job.blocks))
            json.raw(",\"size_bytes\":")
            json.integer(UInt64(job.size))
            json.raw(",\"percent\":")
            json.integer(UInt64(min(100, max(0, job.progress * 100))))
            json.raw(",\"started_at\":")
            json.timestamp(job.startedAt)
            json.raw("}")
        }
        json.raw(",\"queue_days\":")
        json.integer(UInt64(status.queueLength))
        json.raw(",\"finished\":")
        json.integer(UInt64(status.finishedCount))
        json.raw(",\"failed\":")
        json.integer(UInt64(status.failedCount))
        json.raw(",\"last_success\":")
        time(status.lastSuccess, &json)
        json.raw(",\"last_error\":")
        if let error = status.lastError { json.string(error) } else { json.raw("null") }
        json.raw(",\"last_error_at\":")
        time(status.lastErrorAt, &json)
        json.raw("}")
        return json
    }

    private static func time(_ milliseconds: Int64?, _ json: inout JSONBuffer) {
        if let milliseconds { json.timestamp(milliseconds) } else { json.raw("null") }
    }
}
