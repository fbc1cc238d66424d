public import ClusterInterface
public import PromQL

/// The switchable parts of PromQL that a tenant has on.
public struct QueryFeatures: Sendable, Equatable {
    /// What may be written.
    public var language: LanguageFeatures
    /// How it is evaluated.
    public var evaluation: EvaluationFeatures

    /// What upstream 3.14 has without any switch.
    public static let standard = QueryFeatures(language: .standard, evaluation: [])

    public init(language: LanguageFeatures, evaluation: EvaluationFeatures) {
        self.language = language
        self.evaluation = evaluation
    }

    /// The standard with the switches of these names on; they are those of upstream's `--enable-feature`.
    ///
    /// Names that are not known change nothing; the configuration refuses them.
    public init(named names: [String]) {
        self = .standard
        for name in names {
            switch name {
            case "promql-experimental-functions": language.insert(.experimentalFunctions)
            case "promql-duration-expr": language.insert(.durationExpressions)
            case "promql-extended-range-selectors": language.insert(.extendedRangeSelectors)
            case "promql-binop-fill-modifiers": language.insert(.fillModifiers)
            case "promql-delayed-name-removal": evaluation.insert(.delayedNameRemoval)
            case "use-start-timestamps": evaluation.insert(.startTimestamps)
            case "type-and-unit-labels": evaluation.insert(.typeAndUnitLabels)
            default: break
            }
        }
    }

    /// What is on for every one of the tenants: a query over several must mean the same to each of them.
    public init(of tenants: TenantSet, by limits: LimitsTable) {
        var names = limits.limits(for: tenants.tenants[0]).promqlFeatures
        for tenant in tenants.tenants.dropFirst() where !names.isEmpty {
            let own = limits.limits(for: tenant).promqlFeatures
            names.removeAll { !own.contains($0) }
        }
        self.init(named: names)
    }
}
