/// Answers that are a list, cut off at the caller's limit.
enum ListJSON {
    static func write<Element>(
        _ elements: [Element],
        limit: Int,
        _ element: (inout JSONBuffer, Element) -> Void
    ) -> JSONBuffer {
        let isCut = limit > 0 && elements.count > limit
        var json = JSONBuffer(capacity: 64 + 32 * elements.count)
        json.raw("{\"status\":\"success\",\"data\":[")
        for (index, value) in elements.prefix(isCut ? limit : elements.count).enumerated() {
            if index > 0 { json.raw(",") }
            element(&json, value)
        }
        json.raw(isCut ? "],\"warnings\":[\"results truncated due to limit\"]}" : "]}")
        return json
    }
}
