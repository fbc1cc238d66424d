/// Where the limits of single tenants come from.
public struct OverridesSettings: Sendable, Equatable {
    /// Key `limits.overridesFile`; empty where no tenant has limits of its own.
    public var file = ""
    /// Key `limits.overridesReloadInterval`.
    public var reloadInterval = Duration.seconds(10)

    static let keys = [
        ConfigurationKey(
            "limits.overridesFile",
            \.overrides.file,
            .optionalPath,
            """
            YAML file with limits of single tenants, `overrides: {tenant: {limit: value}}`. A file \
            with a mistake ends the process at start; while it runs, the limits before stay in force \
            and `engram_overrides_reload_failed` is 1.
            """
        ),
        ConfigurationKey(
            "limits.overridesReloadInterval",
            \.overrides.reloadInterval,
            .duration(.milliseconds(100)...Duration.seconds(3600)),
            """
            How often the overrides file is looked at for changes, and at least how often the store is \
            asked for changed limits.
            """
        ),
    ]
}
