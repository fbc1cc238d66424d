/// The outcome of a script.
public struct ScriptReport: Sendable {
    /// Cases that passed in every storage.
    public internal(set) var passed = 0
    /// In the order of the script.
    public internal(set) var failures: [ScriptFailure] = []

    public var failed: Int { failures.count }
}

/// A case that did not pass, or a script that is not well-formed.
public struct ScriptFailure: Sendable, CustomStringConvertible {
    /// One way in which it did not pass.
    public struct Fault: Sendable {
        /// The storages and executions in which it was found, for each storage the first.
        public internal(set) var places: [String]
        /// One line.
        public let reason: String
        public let expected: [String]
        public let got: [String]
    }

    /// The name of the script, as the caller gave it.
    public let script: String
    /// From 1.
    public let line: Int
    /// nil where the script is not well-formed.
    public let query: String?
    /// At least one.
    public let faults: [Fault]

    /// A line for people and editors, and then indented what was expected and what came.
    public var description: String {
        let place = "\(script):\(line): " + (query.map { "\($0): " } ?? "")
        return faults.map { fault in
            (["\(place)\(fault.reason)"] + fault.places.map { "    in \($0)" }
                + Self.list("    expected: ", fault.expected)
                + Self.list("    got:      ", fault.got)).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func list(_ title: String, _ lines: [String]) -> [String] {
        let indent = String(repeating: " ", count: title.count)
        return lines.enumerated().map { ($0 == 0 ? title : indent) + $1 }
    }
}
