// swift-tools-version: 6.2
//
// Gridline: an event-sourced ticket store with replication.
//
// One target is one rule the compiler checks: a target imports only what its row names
// (docs/architecture.md; `tools/check` builds with --explicit-target-dependency-import-check error).
// Package.resolved stays out of git, so each dependency named here is pinned with `exact:`; theirs follow their own ranges.

import PackageDescription

/// libFuzzer's library when `tools/fuzz` builds: then our targets count their edges for it (docs/decisions/0022-libfuzzer.md).
let fuzzer = Context.environment["GRIDLINE_FUZZER"]
let counting: [SwiftSetting] = fuzzer == nil ? [] : [.unsafeFlags(["-Xfrontend", "-sanitize=address,fuzzer"])]

/// Settings of every target of ours: the strict end of Swift 6.
let strict: [SwiftSetting] =
    counting + [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "gridline",
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(name: "Events", dependencies: [crypto], swiftSettings: strict),
        .target(name: "Alarms", dependencies: ["Events"], swiftSettings: strict),
        .target(name: "Privacy", dependencies: ["Events"], swiftSettings: strict),
        .target(name: "Rules", dependencies: ["Events"], resources: [.embedInCode("Presets")], swiftSettings: strict),
        .target(name: "Tickets", dependencies: ["Events"], swiftSettings: strict),
        .target(name: "Texts", dependencies: ["Events", "Tickets"], swiftSettings: strict),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "Log", dependencies: ["CSQLite", "Events", crypto], swiftSettings: strict),
        .systemLibrary(name: "CZlib"),
        .target(
            name: "Intake", dependencies: ["Events", "Privacy", "CZlib", yams], resources: [.embedInCode("Maps")],
            swiftSettings: strict),
        .target(
            name: "Simulation", dependencies: ["Events", "Node", "Replication", "Rules", "Tickets"],
            swiftSettings: strict),
        .target(
            name: "Projections", dependencies: ["CSQLite", "Events", "Tickets", grdb], swiftSettings: strict),
        .target(name: "Replication", dependencies: ["CZlib", "Events"], swiftSettings: strict),
        .systemLibrary(name: "CZeroMQ"),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "Events"], swiftSettings: strict),
        .target(name: "Node", dependencies: ["Events", "Replication", "Rules", "Tickets"], swiftSettings: strict),
        .target(
            name: "Runtime",
            dependencies: [
                "Alarms", "Events", "Log", "Node", "Privacy", "Projections", "Replication", "Tickets", "ZeroMQ",
            ],
            swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "Events", "Node", "Privacy", "Projections", "Rules", "Texts", "Tickets", crypto, hummingbird,
                httpTypes, lifecycle, nioCore,
            ], resources: [.embedInCode("openapi.yaml")],
            swiftSettings: strict),
        .executableTarget(
            name: "gridline",
            dependencies: [
                "Alarms", "Events", "Intake", "Log", "Node", "Privacy", "Replication", "Rules", "Runtime", "Server",
                "ZeroMQ", "Projections", "Texts", "Tickets", arguments, crypto, cryptoExtras, httpClient, httpTypes,
                hummingbird,
                logging,
                nioCore,
                nioHTTP1, yams,
            ], swiftSettings: strict),
        // Release only, not installed: `tools/bench` builds and runs it.
        .executableTarget(
            name: "gridline-bench",
            dependencies: [
                "Events", "Log", "Node", "Privacy", "Projections", "Replication", "Runtime", "Tickets", "ZeroMQ",
                arguments,
            ], path: "Sources/Bench", swiftSettings: strict),

        .target(name: "LogContract", dependencies: ["Events"], path: "Tests/LogContract", swiftSettings: strict),
        .target(
            name: "PowerLossSupport", dependencies: ["CSQLite"], path: "Tests/PowerLossSupport", swiftSettings: strict),
        .target(
            name: "FuzzTargets", dependencies: ["Events", "Intake", "Replication", "Simulation", "Tickets"],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
        .testTarget(name: "CSQLiteTests", dependencies: ["CSQLite", "PowerLossSupport"], swiftSettings: strict),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: strict),
        .testTarget(
            name: "AlarmsTests", dependencies: ["Alarms", "Events", "Simulation"], swiftSettings: strict),
        .testTarget(name: "RulesTests", dependencies: ["Events", "Rules"], swiftSettings: strict),
        .testTarget(name: "ZeroMQTests", dependencies: ["CZeroMQ", "ZeroMQ"], swiftSettings: strict),
        .testTarget(name: "ReplicationTests", dependencies: ["Events", "Replication"], swiftSettings: strict),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "Events", "Intake", "Log", "Node", "Privacy", "Projections", "Replication", "Rules", "Runtime",
                "Server", "Tickets", "ZeroMQ", "gridline", arguments, hummingbird, hummingbirdTesting, httpTypes,
            ], swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Events", "Log", "LogContract", "Node", "Projections", "Replication", "Rules", "Runtime", "Server",
                "Texts", "Tickets", hummingbird, hummingbirdTesting, httpTypes, yams,
            ], swiftSettings: strict),
        .testTarget(
            name: "NodeTests", dependencies: ["Events", "Node", "Replication", "Rules", "Simulation", "Tickets"],
            swiftSettings: strict),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Alarms", "CZeroMQ", "Events", "Log", "Node", "Projections", "Replication", "Runtime", "Tickets",
                "ZeroMQ",
            ], swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Events", "LogContract", "Node", "Replication", "Simulation", "Tickets"],
            swiftSettings: strict),
        .testTarget(name: "PrivacyTests", dependencies: ["Privacy", "Events"], swiftSettings: strict),
        .testTarget(
            name: "LogTests",
            dependencies: ["CSQLite", "Events", "Log", "LogContract", "PowerLossSupport", "Simulation", "Tickets"],
            swiftSettings: strict),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: ["Events", "Log", "LogContract", "Projections", "Simulation", "Tickets", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "AuditTests", dependencies: ["gridline", "Events", "Intake", "Log", "Projections", "Tickets"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "gridline", "Events", "Log", "LogContract", "Node", "Projections", "Rules", "Runtime", "Texts",
                "Tickets", "ZeroMQ", arguments,
            ],
            swiftSettings: strict),
        // Runs the built `gridline` as processes, and `tools/chaos-proxy` between them.
        .testTarget(
            name: "ProcessTests", dependencies: ["gridline", "Events", "Texts", nioHTTP1], swiftSettings: strict),
        .testTarget(name: "BenchTests", dependencies: ["gridline-bench"], swiftSettings: strict),
        .testTarget(name: "TreeTests", dependencies: ["Texts", "Events", "Tickets"], swiftSettings: strict),
        .testTarget(name: "TextsTests", dependencies: ["Texts", "Events", "Tickets"], swiftSettings: strict),
        .testTarget(name: "TicketsTests", dependencies: ["Tickets", "Events"], swiftSettings: strict),
        .testTarget(name: "IntakeTests", dependencies: ["Intake", "Privacy", "Events", yams], swiftSettings: strict),
    ]
)

if let fuzzer {
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/CFuzzer"),
        .executableTarget(
            name: "gridline-fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/FuzzDriver",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++"), .linkedLibrary("m")]),
    ]
}
