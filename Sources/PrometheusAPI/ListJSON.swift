/// Answers that are a list, cut off at the caller's limit.
enum ListJSON {
    /// - Parameter size: Bytes that an element takes, about; room is made for all of them at once.
    static func write<Element>(
        _ elements: [Element],
        limit: Int,
        size: (Element) -> Int,
        element: (inout JSONBuffer, Element) -> Void
    ) -> JSONBuffer {
        let isCut = limit > 0 && elements.count > limit
        let shown = elements.prefix(isCut ? limit : elements.count)
        var json = JSONBuffer(capacity: shown.reduce(128) { $0 + size($1) + 1 })
        json.raw("{\"status\":\"success\",\"data\":[")
        for (index, value) in shown.enumerated() {
            if index > 0 { json.raw(",") }
            element(&json, value)
        }
        json.raw(isCut ? "],\"warnings\":[\"results truncated due to limit\"]}" : "]}")
        return json
    }

    /// Names or values.
    static func write(_ strings: [String], limit: Int) -> JSONBuffer {
        write(strings, limit: limit, size: { $0.utf8.count + 2 }, element: { $0.string($1) })
    }
}
