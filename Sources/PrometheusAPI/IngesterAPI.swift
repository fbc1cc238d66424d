internal import HTTPTypes
internal import Hummingbird
public import Ingestion

/// Operations on one ingester.
public struct IngesterAPI: Sendable {
    /// What can be asked of an ingester that is on a ring.
    public struct Control: Sendable {
        let isReadOnly: @Sendable () -> Bool
        let setReadOnly: @Sendable (Bool) throws -> Void
        let leave: @Sendable () async -> Bool

        /// - Parameters:
        ///   - isReadOnly: Whether an operator wants that it takes no writes.
        ///   - setReadOnly: Says so, for this process and those after it.
        ///   - leave: Flushes everything and leaves the ring; false where it ended before that was done.
        public init(
            isReadOnly: @escaping @Sendable () -> Bool,
            setReadOnly: @escaping @Sendable (Bool) throws -> Void,
            leave: @escaping @Sendable () async -> Bool
        ) {
            self.isReadOnly = isReadOnly
            self.setReadOnly = setReadOnly
            self.leave = leave
        }
    }

    private let ingester: Ingester
    private let control: Control?

    /// - Parameter control: Nil where there is no ring.
    public init(ingester: Ingester, control: Control?) {
        self.ingester = ingester
        self.control = control
    }

    func addRoutes(to router: Router<APIContext>) {
        // Cortex takes both.
        router.get("/ingester/flush") { _, _ in await flush() }
        router.post("/ingester/flush") { _, _ in await flush() }
        guard let control else { return }
        router.get("/ingester/mode") { request, _ in
            Self.mode([request.uri.query ?? ""], control)
        }
        router.post("/ingester/mode") { request, context in
            let form = try await request.body.collect(upTo: context.maxUploadSize)
            return Self.mode([request.uri.query ?? "", String(buffer: form)], control)
        }
        // With GET a link that is followed, or fetched ahead, would end an ingester.
        router.post("/ingester/shutdown") { _, _ -> Response in
            guard await control.leave() else {
                return .text(
                    "the ingester ended before everything was stored; the rest is in its log\n",
                    status: .serviceUnavailable
                )
            }
            return Response(status: .noContent)
        }
    }

    /// 204 when everything in memory is stored, 503 with the causes when some of it is not.
    private func flush() async -> Response {
        let report = await ingester.flushAll()
        guard !report.failures.isEmpty else { return Response(status: .noContent) }
        let causes = report.failures.map { "tenant \($0.tenant): \($0.cause)\n" }.joined()
        return .text(
            "not everything could be stored; it stays in memory and log, and is tried again:\n"
                + causes,
            status: .serviceUnavailable
        )
    }

    /// Sets the mode that a request names, and answers the mode that holds.
    private static func mode(_ parameters: [String], _ control: Control) -> Response {
        var form = FormParameters()
        for text in parameters { form.add(urlEncoded: text) }
        do {
            switch form.first("mode")?.uppercased() {
            case nil: break
            case "READONLY": try control.setReadOnly(true)
            case "ACTIVE": try control.setReadOnly(false)
            case let mode?:
                return .text(
                    "mode \"\(mode)\" is none: ACTIVE and READONLY are\n",
                    status: .badRequest
                )
            }
        } catch {
            return .text("\(error)\n", status: .internalServerError)
        }
        return .text(control.isReadOnly() ? "READONLY\n" : "ACTIVE\n", status: .ok)
    }
}
