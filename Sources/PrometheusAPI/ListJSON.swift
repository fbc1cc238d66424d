/// Answers that are a list, cut off at the caller's limit.
enum ListJSON {
    /// - Parameters:
    ///   - warnings: What the list may lack.
    ///   - size: Bytes that an element takes, about; room is made for all of them at once.
    static func write<Element>(
        _ elements: [Element],
        limit: Int,
        warnings: [String] = [],
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
        json.raw("]")
        let warnings = (isCut ? ["results truncated due to limit"] : []) + warnings
        for (index, warning) in warnings.enumerated() {
            json.raw(index == 0 ? ",\"warnings\":[" : ",")
            json.string(warning)
        }
        json.raw(warnings.isEmpty ? "}" : "]}")
        return json
    }

    /// Names or values.
    static func write(
        _ strings: [String],
        limit: Int,
        warnings: [String]? = nil
    ) -> JSONBuffer {
        write(
            strings,
            limit: limit,
            warnings: warnings ?? [],
            size: { $0.utf8.count + 2 },
            element: { $0.string($1) }
        )
    }
}
