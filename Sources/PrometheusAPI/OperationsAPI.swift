internal import HTTPTypes
internal import Hummingbird

/// What operators and probes ask of every process.
public struct OperationsAPI: Sendable {
    /// Where the answers come from; each is asked anew for each request.
    public struct Sources: Sendable {
        /// The text exposition of the process' own metrics.
        public var metrics: @Sendable () -> String
        /// Whether the process can do its job, and a line for each reason why not.
        public var readiness: @Sendable () -> (isReady: Bool, body: String)
        /// The configuration in force as YAML, secrets masked.
        public var configuration: @Sendable () -> String
        /// The limits of single tenants in force as YAML; all that are set, or those that differ from the default.
        public var overrides: @Sendable (_ onlyDifferences: Bool) -> String

        public init(
            metrics: @escaping @Sendable () -> String,
            readiness: @escaping @Sendable () -> (isReady: Bool, body: String),
            configuration: @escaping @Sendable () -> String,
            overrides: @escaping @Sendable (_ onlyDifferences: Bool) -> String
        ) {
            self.metrics = metrics
            self.readiness = readiness
            self.configuration = configuration
            self.overrides = overrides
        }
    }

    /// A line of the start page.
    public struct Link: Sendable {
        public var path: String
        public var purpose: String
        /// Whether following it only looks; what acts, or wants a body, is named without a link.
        public var isToLookAt: Bool

        public init(_ path: String, _ purpose: String, isToLookAt: Bool = true) {
            self.path = path
            self.purpose = purpose
            self.isToLookAt = isToLookAt
        }
    }

    private let title: String
    private let links: [Link]
    private let sources: Sources

    /// - Parameter links: What the process serves besides; shown on the start page.
    public init(title: String, links: [Link], sources: Sources) {
        self.title = title
        self.links =
            links + [
                Link("/ready", "whether the process can do its job"),
                Link("/live", "whether the process runs"),
                Link("/metrics", "its own metrics"),
                Link("/config", "the configuration in force, secrets masked"),
                Link("/runtime_config", "the limits of single tenants in force"),
            ]
        self.sources = sources
    }

    func addRoutes(to router: Router<APIContext>) {
        let sources = sources
        router.get("/metrics") { _, _ in
            Response.text(
                sources.metrics(),
                contentType: "text/plain; version=0.0.4; charset=utf-8"
            )
        }
        router.get("/ready") { _, _ in
            let (isReady, body) = sources.readiness()
            return Response.text(body, status: isReady ? .ok : .serviceUnavailable)
        }
        router.get("/live") { _, _ in Response.text("live\n") }
        router.get("/config") { _, _ in
            Response.text(sources.configuration(), contentType: "application/yaml; charset=utf-8")
        }
        router.get("/runtime_config") { request, _ in
            let mode = request.uri.queryParameters["mode"]
            guard mode == nil || mode == "diff" else {
                return Response.text(
                    "unknown mode; expected diff, or none at all\n",
                    status: .badRequest
                )
            }
            return Response.text(
                sources.overrides(mode == "diff"),
                contentType: "application/yaml; charset=utf-8"
            )
        }
        let page = startPage
        router.get("/") { _, _ in Response.text(page, contentType: "text/html; charset=utf-8") }
    }

    private var startPage: String {
        let rows = links.map { link in
            let path =
                link.isToLookAt
                ? "<a href=\"\(link.path)\">\(link.path)</a>" : "<code>\(link.path)</code>"
            return "<tr><td>\(path)</td><td>\(link.purpose)</td></tr>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            :root { color-scheme: light dark }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem }
            td { padding: .2rem 1.5rem .2rem 0; vertical-align: top }
            a, code { font: inherit; font-family: ui-monospace, monospace }
            </style></head>
            <body><h1>\(title)</h1><table>
            \(rows.joined(separator: "\n"))
            </table></body></html>
            """
    }
}
