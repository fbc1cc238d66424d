/// A script that is not well-formed, or loads what cannot be loaded.
struct ScriptError: Error, Hashable, CustomStringConvertible {
    /// The name of the script, as the caller gave it.
    var script: String
    /// From 1.
    var line: Int
    var reason: String

    var description: String { "\(script):\(line): \(reason)" }
}

/// What is wrong with a line.
struct SyntaxFault: Error, Hashable {
    var reason: String
    /// From 1; nil is the line that is being read.
    var line: Int?
}
