/// What the overrides API may change, and how far: the sections `api_allowed_limits`, `hard_limits` and `hard_overrides` of
/// the overrides file.
struct OverridesPolicy: Sendable, Equatable {
    /// Names of the keys that may be changed; empty where none may.
    var allowed: Set<String> = []
    /// Greatest values for every tenant, as text, by name of the key.
    var hardLimits: [String: String] = [:]
    /// Those of single tenants, which count instead.
    var hardOverrides: [String: [String: String]] = [:]

    /// Limits whose value 0 is more than every other one; the documentation of each says so.
    static let unlimitedAtZero: Set = [
        "limits.maxLabelsSize", "limits.maxSampleAge", "limits.ingestionRate", "limits.maxSeries",
        "limits.maxGlobalSeries", "limits.maxSeriesPerMetric", "limits.maxGlobalSeriesPerMetric",
        "limits.retention", "limits.haMaxClusters", "limits.maxMetadata",
        "limits.maxGlobalMetadata",
        "limits.maxMetadataPerMetric", "limits.maxGlobalMetadataPerMetric",
    ]

    /// Whether values of a key can be greater than others: numbers and durations.
    static func isOrdered(_ key: ConfigurationKey) -> Bool { key.isNumber || key.isDuration }

    /// The greatest value that a tenant's limit may be set to, as text; nil where there is none.
    func hardLimit(_ key: ConfigurationKey, of tenant: String) -> String? {
        hardOverrides[tenant]?[key.name] ?? hardLimits[key.name]
    }

    /// The greatest value, where another one is beyond it.
    ///
    /// - Parameter text: A right value of the key.
    func exceeded(
        by text: String,
        _ key: ConfigurationKey,
        of tenant: String
    ) -> String? {
        guard let limit = hardLimit(key, of: tenant),
            let most = Self.magnitude(limit, key), let value = Self.magnitude(text, key)
        else { return nil }
        return value > most ? limit : nil
    }

    /// The sections as the file has them; nothing where there are none.
    var yaml: String {
        var text = ""
        if !hardLimits.isEmpty { text += "hardLimits:\n" + Self.lines(hardLimits, indent: "  ") }
        let tenants = hardOverrides.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        if !tenants.isEmpty { text += "hardOverrides:\n" }
        for (tenant, limits) in tenants {
            text += "  \(YAMLScalar.text(tenant)):\n" + Self.lines(limits, indent: "    ")
        }
        let names = LimitNames.keys.filter { allowed.contains($0.name) }.map(\.nameInSection)
        if !names.isEmpty { text += "apiAllowedLimits: [" + names.joined(separator: ", ") + "]\n" }
        return text
    }

    private static func lines(_ texts: [String: String], indent: String) -> String {
        LimitNames.keys.compactMap { key in
            texts[key.name].map { "\(indent)\(key.nameInSection): \(YAMLScalar.text($0))\n" }
        }.joined()
    }

    private static func magnitude(_ text: String, _ key: ConfigurationKey) -> Int64? {
        let value =
            key.isDuration ? DurationText.parse(text)?.wholeMilliseconds : Int64(text)
        return value == 0 && unlimitedAtZero.contains(key.name) ? .max : value
    }
}

extension Duration {
    /// Parts below a millisecond are cut off.
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
