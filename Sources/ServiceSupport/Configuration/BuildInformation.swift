/// What this build is.
public enum BuildInformation {
    /// Shown by `--version`, `/api/v1/status/buildinfo` and the metric `engram_build_info`.
    public static let version = "0.1.0"
}
