/// One call of `engram query`.
public struct QueryCommand: Sendable, Equatable {
    /// Over which time the query runs; the texts are sent as they are, for the server to check.
    enum Time: Equatable {
        /// Now, without a text.
        case instant(String?)
        case range(start: String, end: String, step: String)
    }

    let query: String
    var server = ServerAddress.local
    var tenant: String?
    var time = Time.instant(nil)
    /// Whether the plan is asked for.
    var explains = false

    public static let usage = """
        usage: engram query '<promql>' [--url URL] [--tenant NAME] [--time TIME]
                            [--start TIME --end TIME --step DURATION] [--explain]

        Asks a running server (http://127.0.0.1:9009 unless told otherwise) and prints the answer.
        TIME is seconds since 1970 or RFC 3339; DURATION is seconds, or as in queries: 5m.
        With --explain, prints how the query would be evaluated and about how much it would read.

        """

    /// Reads the arguments behind `query`; options are `--name VALUE` or `--name=VALUE`.
    public init(arguments: [String]) throws(UsageError) {
        var query: String?
        var options: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                guard query == nil else { throw UsageError("more than one query") }
                query = argument
                continue
            }
            let parts = argument.dropFirst(2).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = String(parts[0])
            if name == "explain", parts.count == 1 {
                explains = true
                continue
            }
            guard Self.options.contains(name) else {
                throw UsageError("unknown option --\(name)")
            }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                throw UsageError("--\(name) needs a value")
            }
            options[name] = value
        }
        guard let query else { throw UsageError("no query") }
        self.query = query
        if let url = options["url"] {
            guard let address = ServerAddress(url) else {
                throw UsageError("\"\(url)\" is not http://HOST:PORT")
            }
            server = address
        }
        tenant = options["tenant"]
        time = try Self.time(options)
    }

    private static let options: Set = ["url", "tenant", "time", "start", "end", "step"]

    private static func time(_ options: [String: String]) throws(UsageError) -> Time {
        switch (options["start"], options["end"], options["step"]) {
        case (nil, nil, nil): return .instant(options["time"])
        case (let start?, let end?, let step?):
            guard options["time"] == nil else {
                throw UsageError("--time and --start exclude each other")
            }
            return .range(start: start, end: end, step: step)
        default: throw UsageError("--start, --end and --step belong together")
        }
    }

    /// Asks the server.
    ///
    /// - Returns: What to print; ``Output/isSuccess`` tells whether there is an answer.
    public func run() async throws -> Output {
        let response = try await HTTPRequest(
            server: server,
            path: "/api/v1/" + endpoint,
            form: parameters,
            tenant: tenant
        ).send()
        return try AnswerText.output(response, explains: explains)
    }

    private var endpoint: String {
        if case .range = time { "query_range" } else { "query" }
    }

    private var parameters: [(String, String)] {
        var parameters = [("query", query)]
        switch time {
        case .instant(let time): if let time { parameters.append(("time", time)) }
        case .range(let start, let end, let step):
            parameters += [("start", start), ("end", end), ("step", step)]
        }
        if explains { parameters.append(("explain", "1")) }
        return parameters
    }

    /// What a call prints.
    public struct Output: Sendable, Equatable {
        public var standardOutput = ""
        /// Warnings and errors.
        public var standardError = ""
        public var isSuccess = true
    }
}

/// The arguments make no sense.
public struct UsageError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
