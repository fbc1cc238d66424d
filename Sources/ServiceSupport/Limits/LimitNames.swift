/// The limits that can be set for a tenant, and the spellings under which the overrides file takes them.
enum LimitNames {
    /// The keys of the limits, in the order of the configuration.
    static let keys = LimitsSettings.keys

    /// `lateWindow`, `late_window`, `out_of_order_time_window`.
    static func all(of key: ConfigurationKey) -> [String] {
        var names = [key.nameInSection]
        for name in [key.snakeName, key.cortexName] {
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The name in answers for programs: that of Cortex, or one of its kind.
    static func external(of key: ConfigurationKey) -> String { key.cortexName ?? key.snakeName }

    /// The limit of a name in any spelling.
    static func key(named name: String) -> ConfigurationKey? { byName[name] }

    /// All spellings of all limits, sorted.
    static let spellings = byName.keys.sorted()

    private static let byName = Dictionary(
        uniqueKeysWithValues: keys.flatMap { key in all(of: key).map { ($0, key) } }
    )
}
