/// The remarks that arose during one evaluation, each once.
struct Annotations: Sendable {
    /// How many different remarks are kept; a query that varies an argument may cause any number.
    static let capacity = 1000

    private var order: [Annotation] = []
    private var seen: Set<Annotation> = []
    private var fixes: [Annotation: MonotonicityFix] = [:]

    mutating func add(_ annotation: Annotation) {
        guard order.count < Self.capacity, seen.insert(annotation).inserted else { return }
        order.append(annotation)
    }

    /// Adds a remark on buckets that were made monotonic, or its numbers to one that exists.
    mutating func add(_ fix: MonotonicityFix, to annotation: Annotation) {
        add(annotation)
        fixes[annotation] = fixes[annotation].map { $0.merged(with: fix) } ?? fix
    }

    var isEmpty: Bool { order.isEmpty }

    /// Adds the remarks of another part of the same evaluation.
    mutating func add(_ other: Annotations) {
        for annotation in other.order {
            add(annotation)
            if let fix = other.fixes[annotation] { add(fix, to: annotation) }
        }
    }

    func warnings(in text: String) -> [String] { texts(in: text, areWarnings: true) }

    func infos(in text: String) -> [String] { texts(in: text, areWarnings: false) }

    private func texts(in query: String, areWarnings: Bool) -> [String] {
        let bytes = Array(query.utf8)
        var seen: Set<String> = []
        var texts: [String] = []
        for annotation in order where annotation.isWarning == areWarnings {
            let details = fixes[annotation]?.text ?? ""
            let text = annotation.text + details + place(annotation.position, in: bytes)
            if seen.insert(text).inserted { texts.append(text) }
        }
        return texts
    }

    /// ` (line:column)`, both from 1, columns in bytes.
    private func place(_ position: Int, in text: [UInt8]) -> String {
        let before = text.prefix(position)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return " (\(line):\(position - lineStart + 1))"
    }
}
