internal import Hummingbird
internal import PromQL
internal import Querying

/// What answers from the text of a query alone.
extension QueryAPI {
    /// The text, laid out on several lines if it is long.
    @Sendable func formatQuery(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let expression = try expression(parameters)
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":")
        json.string(expression.pretty)
        json.raw("}")
        return json
    }

    /// The syntax tree.
    @Sendable func parseQuery(
        _ request: Request,
        _ context: APIContext,
        _ parameters: QueryParameterReader
    ) async throws -> JSONBuffer {
        let expression = try expression(parameters)
        var tree = SyntaxTreeJSON()
        tree.json.raw("{\"status\":\"success\",\"data\":")
        tree.node(expression)
        tree.json.raw("}")
        return tree.json
    }

    /// The query that the parameters carry, with the language features of this server.
    func expression(_ parameters: QueryParameterReader) throws -> Expression {
        do {
            return try Parser.parse(parameters.text("query") ?? "", features: features.language)
        } catch {
            throw APIError(QueryError.parse(error))
        }
    }
}
