import Yams

/// How many series of a tenant may have certain labels.
public struct LabelSetLimit: Sendable, Equatable {
    /// In order of names, each once, none empty; without any it is meant for series that no other limit of the list is for.
    public var labels: [(name: String, value: String)]
    /// Series in the whole cluster.
    public var maxSeries: Int

    public static func == (one: Self, other: Self) -> Bool {
        one.maxSeries == other.maxSeries && one.labels.elementsEqual(other.labels, by: ==)
    }
}

extension ValueType where Value == [LabelSetLimit] {
    /// Most entries of a list, and labels of one entry.
    private static var maximumCount: Int { 100 }

    /// The form that Cortex has.
    static var labelSetLimits: Self {
        Self(
            "LIST",
            "a YAML list of {label_set: {name: value}, limits: {max_series: number above 0}}",
            parse: { text throws(ValueRefusal) in try read(text) },
            format: { limits in
                let entries = limits.map { limit in
                    let labels = limit.labels.map {
                        StructuredValue.quoted($0.name) + ":" + StructuredValue.quoted($0.value)
                    }
                    return #"{"label_set":{\#(labels.joined(separator: ","))},"#
                        + #""limits":{"max_series":\#(limit.maxSeries)}}"#
                }
                return "[" + entries.joined(separator: ",") + "]"
            }
        )
    }

    private static func read(_ text: String) throws(ValueRefusal) -> [LabelSetLimit] {
        let nodes = try StructuredValue.list(of: text)
        guard nodes.count <= maximumCount else {
            throw ValueRefusal(reason: "it has more than \(maximumCount) entries")
        }
        var limits: [LabelSetLimit] = []
        for (index, node) in nodes.enumerated() {
            let limit = try readEntry(node, "entry \(index + 1)")
            guard !limits.contains(where: { $0.labels.elementsEqual(limit.labels, by: ==) }) else {
                throw StructuredValue.refusal("entry \(index + 1)", "has labels that another has")
            }
            limits.append(limit)
        }
        return limits
    }

    private static func readEntry(
        _ node: Node,
        _ place: String
    ) throws(ValueRefusal) -> LabelSetLimit {
        var labels: [(name: String, value: String)] = []
        var maxSeries: Int?
        for (name, value) in try StructuredValue.mapping(node, place) {
            switch name {
            case "label_set": labels = try readLabels(value, "label_set of \(place)")
            case "limits":
                for (name, value) in try StructuredValue.mapping(value, "limits of \(place)") {
                    guard name == "max_series" else {
                        throw StructuredValue.refusal(place, "limits \"\(name)\", not max_series")
                    }
                    maxSeries = Int(try StructuredValue.word(value, "max_series of \(place)"))
                }
            default: throw StructuredValue.refusal(place, "has the unknown name \"\(name)\"")
            }
        }
        guard let maxSeries, (1...1_000_000_000).contains(maxSeries) else {
            throw StructuredValue.refusal(place, "needs limits: {max_series: 1 … 1000000000}")
        }
        return LabelSetLimit(labels: labels, maxSeries: maxSeries)
    }

    private static func readLabels(
        _ node: Node,
        _ place: String
    ) throws(ValueRefusal) -> [(name: String, value: String)] {
        var labels: [(name: String, value: String)] = []
        for (name, value) in try StructuredValue.mapping(node, place) {
            let value = try StructuredValue.word(value, "label \"\(name)\" in \(place)")
            guard !name.isEmpty, !value.isEmpty else {
                throw StructuredValue.refusal(place, "has an empty name or value")
            }
            labels.append((name, value))
        }
        guard labels.count <= maximumCount else {
            throw StructuredValue.refusal(place, "has more than \(maximumCount) labels")
        }
        return labels.sorted { $0.name < $1.name }
    }
}
