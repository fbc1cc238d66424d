internal import CHashing

/// What becomes of the labels of a tenant's series before they are stored: rules in order, then labels that are removed.
///
/// Immutable and compiled once. Applying it costs microseconds and allocates: callers remember what became of a series.
public final class Relabeling: Sendable, Equatable {
    public let rules: [RelabelRule]
    /// Names of labels that are removed at the end.
    public let droppedLabels: [String]
    /// Tells series that were relabelled by these rules apart from those by others.
    public let salt: UInt64
    private let steps: [Step]

    /// One rule, ready to be applied.
    private struct Step: Sendable {
        let rule: RelabelRule
        let expression: RegularExpression
        let replacement: ReplacementTemplate
        let target: ReplacementTemplate
        /// Whether neither text names a group.
        let isFixed: Bool
    }

    /// A value longer than any limit allows; where rules make one, they end, and the series is refused for it.
    static let maximumValueSize = 1 << 16

    /// - Throws: The fault of the first rule that has one.
    public init(
        rules: [RelabelRule],
        droppedLabels: [String] = []
    ) throws(RelabelRuleError) {
        var steps: [Step] = []
        for (index, rule) in rules.enumerated() {
            if let fault = rule.fault { throw RelabelRuleError(index: index, fault: fault) }
            guard let expression = try? RegularExpression(rule.regex) else {
                preconditionFailure("the expression \(rule.regex) was found right")
            }
            steps.append(
                Step(
                    rule: rule,
                    expression: expression,
                    replacement: ReplacementTemplate(rule.replacement, for: expression),
                    target: ReplacementTemplate(rule.targetLabel, for: expression),
                    isFixed: ![rule.replacement, rule.targetLabel].contains(
                        where: ReplacementTemplate.hasReferences
                    )
                )
            )
        }
        self.steps = steps
        self.rules = rules
        self.droppedLabels = droppedLabels
        salt = Self.salt(of: rules, droppedLabels)
    }

    public static func == (one: Relabeling, other: Relabeling) -> Bool {
        one === other || one.rules == other.rules && one.droppedLabels == other.droppedLabels
    }

    /// The labels that a series is stored with; nil where it is dropped, or has none left.
    ///
    /// - Parameter key: A canonical series key. One that is not UTF-8 throughout comes back as it is.
    public func apply(to key: UnsafeBufferPointer<UInt8>) -> Labels? {
        guard var labels = RelabeledSet(key) else { return Labels(unchecked: Array(key)) }
        for step in steps {
            guard Self.apply(step, to: &labels) else { return nil }
            guard !labels.hasLargeValue else { break }
        }
        for name in droppedLabels { labels.remove(name) }
        let result = labels.encoded
        return result.isEmpty ? nil : result
    }

    /// - Returns: Whether the series is kept.
    private static func apply(_ step: Step, to labels: inout RelabeledSet) -> Bool {
        let rule = step.rule
        switch rule.action {
        case .labelmap:
            for (name, value) in labels.pairs {
                guard let captures = step.expression.captures(in: name) else { continue }
                labels.set(step.replacement.expand(captures), value)
            }
            return true
        case .labeldrop, .labelkeep:
            for (name, _) in labels.pairs
            where step.expression.matches(name) == (rule.action == .labeldrop) {
                labels.remove(name)
            }
            return true
        default: break
        }
        let value = rule.sourceLabels.map { labels[$0] }.joined(separator: rule.separator)
        switch rule.action {
        case .drop: return !step.expression.matches(value)
        case .keep: return step.expression.matches(value)
        case .dropequal: return !labels[rule.targetLabel].utf8.elementsEqual(value.utf8)
        case .keepequal: return labels[rule.targetLabel].utf8.elementsEqual(value.utf8)
        case .lowercase: labels.set(rule.targetLabel, mapped(value, \.lowercaseMapping))
        case .uppercase: labels.set(rule.targetLabel, mapped(value, \.uppercaseMapping))
        case .hashmod:
            labels.set(rule.targetLabel, "\(MD5.lastHalf(of: Array(value.utf8)) % rule.modulus)")
        case .replace: replace(step, value, in: &labels)
        case .labelmap, .labeldrop, .labelkeep: break
        }
        return true
    }

    private static func replace(_ step: Step, _ value: String, in labels: inout RelabeledSet) {
        if step.isFixed {
            guard step.expression.matches(value) else { return }
            labels.set(step.rule.targetLabel, step.rule.replacement)
            return
        }
        guard let captures = step.expression.captures(in: value) else { return }
        labels.set(step.target.expand(captures), step.replacement.expand(captures))
    }

    /// Letters mapped one by one, as in Go: what would become several stays.
    private static func mapped(
        _ text: String,
        _ mapping: KeyPath<Unicode.Scalar.Properties, String>
    ) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let new = scalar.properties[keyPath: mapping].unicodeScalars
            result.unicodeScalars.append(new.count == 1 ? new[new.startIndex] : scalar)
        }
        return result
    }

    private static func salt(of rules: [RelabelRule], _ droppedLabels: [String]) -> UInt64 {
        var text: [UInt8] = []
        // Each part with its length, so that no two lists read the same.
        func add(_ part: String) {
            text += "\(part.utf8.count):".utf8
            text += part.utf8
        }
        for rule in rules {
            add("\(rule.sourceLabels.count)")
            rule.sourceLabels.forEach(add)
            for part in [
                rule.separator, rule.regex, "\(rule.modulus)", rule.targetLabel, rule.replacement,
                rule.action.rawValue,
            ] { add(part) }
        }
        add("\(droppedLabels.count)")
        droppedLabels.forEach(add)
        return text.withUnsafeBufferPointer { engram_xxh3_64($0.baseAddress, $0.count) }
    }
}

/// A rule that cannot be applied.
public struct RelabelRuleError: Error, Equatable, CustomStringConvertible {
    /// Position in the list, from 0.
    public let index: Int
    public let fault: String

    public var description: String { "rule \(index + 1): \(fault)" }
}

/// The labels of one series while rules change them.
private struct RelabeledSet {
    /// In no order; values are not empty.
    private(set) var pairs: [(name: String, value: String)] = []
    private(set) var hasLargeValue = false

    /// nil where a name or value is not UTF-8.
    init?(_ key: UnsafeBufferPointer<UInt8>) {
        var cursor = LabelCursor(key)
        while let (name, value) = cursor.next() {
            guard let name = String(validating: name, as: UTF8.self),
                let value = String(validating: value, as: UTF8.self)
            else { return nil }
            pairs.append((name, value))
        }
    }

    var encoded: Labels { Labels(pairs.lazy.map { ($0.name, $0.value) }) }

    /// The value of a label, empty where it is absent.
    subscript(name: String) -> String {
        index(of: name).map { pairs[$0].value } ?? ""
    }

    /// An empty value removes the label, an empty name is none.
    mutating func set(_ name: String, _ value: String) {
        guard !name.isEmpty else { return }
        if value.utf8.count > Relabeling.maximumValueSize { hasLargeValue = true }
        if let index = index(of: name) {
            if value.isEmpty { pairs.remove(at: index) } else { pairs[index].value = value }
        } else if !value.isEmpty {
            pairs.append((name, value))
        }
    }

    mutating func remove(_ name: String) {
        if let index = index(of: name) { pairs.remove(at: index) }
    }

    /// By bytes: texts that look the same are different names.
    private func index(of name: String) -> Int? {
        pairs.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
