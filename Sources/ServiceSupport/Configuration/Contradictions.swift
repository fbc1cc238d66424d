/// Refuses settings that are right one by one but not together.
enum Contradictions {
    /// Checks only what the executable uses; names the key that is easiest to change.
    static func check(
        executable: Executable,
        settings: ServiceSettings,
        sources: [String: ValueSource]
    ) throws(ConfigurationError) {
        for key in ConfigurationKey.all(for: executable) {
            guard let reason = reason(against: key.name, settings, executable) else { continue }
            throw .contradiction(
                key: key.name,
                value: key.text(settings),
                source: sources[key.name] ?? .standard,
                reason: reason
            )
        }
    }

    /// Why one of the TLS files must not be missing.
    private static func missingFile(_ key: String, _ rpc: RPCSettings) -> String? {
        let files = [
            "rpc.tlsCertificateFile": rpc.tlsCertificateFile, "rpc.tlsKeyFile": rpc.tlsKeyFile,
            "rpc.tlsTrustRootsFile": rpc.tlsTrustRootsFile,
        ]
        guard files[key] == "", let other = files.filter({ $0.value != "" }).keys.min() else {
            return nil
        }
        return "expected a file, since \(other) names one: "
            + "TLS needs certificate, key and authorities"
    }

    /// Why the value of a key cannot stand, nil when it can.
    private static func reason(
        against key: String,
        _ settings: ServiceSettings,
        _ executable: Executable
    ) -> String? {
        switch key {
        case "rpc.tlsCertificateFile", "rpc.tlsKeyFile", "rpc.tlsTrustRootsFile":
            return missingFile(key, settings.rpc)
        case "rpc.tlsServerName":
            return settings.rpc.tlsServerName.isEmpty || settings.rpc.hasTLS
                ? nil : "there is no certificate to check without rpc.tlsTrustRootsFile"
        case "store.url":
            guard executable != .engram, case .sqlite = settings.store.url else { return nil }
            return "the processes of a cluster share a store; expected "
                + "postgres://user:password@host:port/database"
        case "ring.replicationFactor":
            guard executable == .engram, settings.ring.replicationFactor != 1 else { return nil }
            return "engram is its only ingester; expected 1"
        case "ring.advertise":
            guard settings.ring.advertise?.isWildcard == true else { return nil }
            return "others cannot connect to every interface; expected the address of one"
        case "ring.heartbeatTimeout":
            guard executable == .ingester,
                settings.ring.heartbeatTimeout < settings.ring.heartbeatInterval * 3
            else { return nil }
            return "expected at least three times ring.heartbeatInterval, which is "
                + DurationText.format(settings.ring.heartbeatInterval)
        case "querier.roles":
            return settings.querier.roles.isEmpty ? "a process without a role does nothing" : nil
        case "compactor.grace":
            guard settings.compactor.grace <= settings.querier.timeout else { return nil }
            return "expected more than querier.timeout, which is "
                + DurationText.format(settings.querier.timeout)
        case "distributor.maxDecodedSize":
            guard settings.distributor.maxDecodedSize < settings.distributor.maxRequestSize else {
                return nil
            }
            return "expected at least distributor.maxRequestSize, which is "
                + "\(settings.distributor.maxRequestSize)"
        case "haTracker.failoverTimeout":
            let tracker = settings.haTracker
            // Polls have a jitter of a fifth.
            let known =
                tracker.updateTimeout + tracker.updateJitter + tracker.pollInterval * 6 / 5
            guard tracker.failoverTimeout <= known else { return nil }
            return
                "expected more than haTracker.updateTimeout, haTracker.updateJitter and 1.2 times "
                + "haTracker.pollInterval together, which are \(DurationText.format(known))"
        case "limits.haReplicaLabel":
            guard settings.limits.haReplicaLabel == settings.limits.haClusterLabel else {
                return nil
            }
            return "expected another label than limits.haClusterLabel"
        case "querier.diskCacheSize":
            let size = settings.querier.diskCacheSize
            return size == 0 || size >= 16_777_216 ? nil : "expected 0 or at least 16777216"
        case "ingester.blockDuration":
            let windows = Duration.seconds(86_400) / settings.ingester.blockDuration
            return windows == windows.rounded() ? nil : "24h has to be a multiple of it"
        case "telemetry.selfMonitoringTenant":
            guard settings.auth.mode == .none, settings.telemetry.selfMonitoringInterval > .zero,
                settings.telemetry.selfMonitoringTenant != settings.auth.noneTenant
            else { return nil }
            return "with auth.mode none only the tenant \(settings.auth.noneTenant) can be queried"
        default: return nil
        }
    }
}
