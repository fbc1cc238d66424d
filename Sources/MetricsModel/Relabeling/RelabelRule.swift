/// One rule of Prometheus' relabelling, as it is configured; ``Relabeling`` applies it.
public struct RelabelRule: Sendable, Hashable {
    /// Names are those of Prometheus.
    public enum Action: String, Sendable, CaseIterable {
        /// Sets the target to the replacement, where the sources match.
        case replace
        /// Drops series whose sources do not match, or do.
        case keep
        case drop
        /// Drops series whose sources are not the target's value, or are.
        case keepequal
        case dropequal
        /// Sets the target to a hash of the sources, modulo the modulus.
        case hashmod
        /// Copies labels whose names match to names made by the replacement.
        case labelmap
        /// Removes labels whose names match, or do not.
        case labeldrop
        case labelkeep
        /// Sets the target to the sources in other letters.
        case lowercase
        case uppercase
    }

    /// Labels whose values are joined; an absent one has the empty value.
    public var sourceLabels: [String] = []
    public var separator = ";"
    /// Must match the whole of the joined values, or of a name.
    public var regex = Self.matchAll
    public var modulus: UInt64 = 0
    public var targetLabel = ""
    /// May name groups of the expression: `$1`, `${name}`.
    public var replacement = Self.firstGroup
    public var action = Action.replace

    static let matchAll = "(.*)"
    static let firstGroup = "$1"

    public init() {}

    /// Why the rule cannot be applied, in words; nil where it can.
    ///
    /// The demands are those of Prometheus: what would have no effect is refused.
    public var fault: String? {
        let isDefault =
            separator == ";" && modulus == 0 && replacement == Self.firstGroup
        switch action {
        case .replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal:
            guard !targetLabel.isEmpty else { return "\(action.rawValue) needs a target_label" }
        case .labeldrop, .labelkeep:
            guard isDefault, sourceLabels.isEmpty, targetLabel.isEmpty else {
                return "\(action.rawValue) takes a regex only"
            }
        case .keep, .drop, .labelmap: break
        }
        switch action {
        case .hashmod:
            guard modulus > 0 else { return "hashmod needs a modulus above 0" }
        case .keepequal, .dropequal:
            guard isDefault, regex == Self.matchAll else {
                return "\(action.rawValue) takes source_labels and a target_label only"
            }
        case .lowercase, .uppercase:
            guard replacement == Self.firstGroup else {
                return "\(action.rawValue) takes no replacement"
            }
        default: break
        }
        do throws(RegularExpressionError) {
            _ = try RegularExpression(regex)
        } catch {
            return "regex \"\(regex)\" is none: \(error)"
        }
        return nil
    }
}
