/// What `engram tenants` is asked to do.
struct TenantsCommand: Equatable {
    enum Action: Equatable {
        case show
        /// With a JSON object of limits.
        case set(json: String)
        case clear
        case history
        case rollBack(version: Int64)
    }

    static let usage = """
        Usage: engram tenants overrides show TENANT
               engram tenants overrides set TENANT '{"ingestion_rate": 50000, "max_series_per_user": null}'
               engram tenants overrides clear TENANT
               engram tenants overrides history TENANT
               engram tenants overrides rollback TENANT --version N

        show      the limits that the store has of a tenant, as JSON
        set       sets limits, takes back those with null, and leaves the others as they are
        clear     takes all of them back
        history   all versions, newest first: when, who, why, and what changed from what to what
        rollback  makes all as it was with a version, which becomes a new one

        --author NAME      who changes it; the user that runs the command unless given
        --comment TEXT     why

        Running processes follow within limits.overridesReloadInterval. Every limit can be set, whatever
        apiAllowedLimits says; hard limits hold if --limits-overrides-file names the file that has them.
        Where the store is, is set as for the other commands, with --store-url for example.

        """

    var action: Action
    var tenant: String
    var author: String?
    var comment = ""
    /// What configures the store.
    var rest: [String] = []

    /// - Throws: ``CommandUsageError``.
    init(arguments: [String]) throws(CommandUsageError) {
        var words: [String] = []
        var version: Int64?
        var left = arguments[...]
        while let argument = left.popFirst() {
            switch argument {
            case "--author": author = try Self.value(left.popFirst(), of: argument)
            case "--comment": comment = try Self.value(left.popFirst(), of: argument)
            case "--version":
                guard let number = left.popFirst().flatMap({ Int64($0) }), number > 0 else {
                    throw .init("--version needs a number of the history")
                }
                version = number
            default:
                guard argument.hasPrefix("-") else {
                    words.append(argument)
                    continue
                }
                rest.append(argument)
                if !argument.contains("="), let value = left.popFirst() { rest.append(value) }
            }
        }
        guard words.first == "overrides" else {
            throw .init("expected overrides, which is all that there is of tenants")
        }
        guard words.count >= 3 else { throw .init("expected a command and a TENANT") }
        tenant = words[2]
        let expectedCount: Int
        switch words[1] {
        case "show": (action, expectedCount) = (.show, 3)
        case "clear": (action, expectedCount) = (.clear, 3)
        case "history": (action, expectedCount) = (.history, 3)
        case "set":
            guard words.count > 3 else { throw .init("set needs a JSON object of limits") }
            (action, expectedCount) = (.set(json: words[3]), 4)
        case "rollback":
            guard let version else { throw .init("rollback needs --version N") }
            (action, expectedCount) = (.rollBack(version: version), 3)
        default:
            throw .init(
                "\"\(words[1])\" is no command: show, set, clear, history and rollback are"
            )
        }
        guard words.count == expectedCount else {
            throw .init("\"\(words[expectedCount])\" is one word too many")
        }
    }

    private static func value(
        _ text: String?,
        of option: String
    ) throws(CommandUsageError) -> String {
        guard let text else { throw .init("\(option) needs a value") }
        return text
    }
}
