internal import PromQL

/// Answers the queries of a script from one kind of storage.
protocol ScriptSource: Sendable {
    /// Whether a query with a changed tree is printed and parsed again, which moves the positions in annotations.
    var printsQueries: Bool { get }

    /// Runs one query.
    ///
    /// - Throws: ``StorageFault`` where the storage itself is wrong; anything else says why the query fails.
    func answer(_ query: ScriptQuery) async throws -> QueryResult
}

/// One query and how it is run.
struct ScriptQuery: Sendable {
    /// As it stands in the script.
    var text: String
    /// The tree to run instead of the text's own.
    var expression: Expression?
    /// Times in milliseconds; a step of 0 is an instant query.
    var start: Int64
    var end: Int64
    var step: Int64
}

/// What makes a case fail even where a failure is expected.
struct StorageFault: Error, Equatable {
    var reason: String
}
