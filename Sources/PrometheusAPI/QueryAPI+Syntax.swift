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
        let expression = try expression(request, parameters)
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
        let expression = try expression(request, parameters)
        var tree = SyntaxTreeJSON()
        tree.json.raw("{\"status\":\"success\",\"data\":")
        tree.node(expression)
        tree.json.raw("}")
        return tree.json
    }

    /// The query that the parameters carry, with the language features of the request's tenants.
    func expression(
        _ request: Request,
        _ parameters: QueryParameterReader
    ) throws -> Expression {
        let language = try features(of: request).language
        do {
            return try Parser.parse(parameters.text("query") ?? "", features: language)
        } catch {
            throw APIError(QueryError.parse(error))
        }
    }
}
