// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.runtime.RunningServers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Calls and refusals without end, for viewers of the demo's console: several agents, permitted and denied calls, and refused peers. */
final class DemoTraffic {

    private static final Duration PAUSE = Duration.ofMillis(250);

    private final DemoStage stage;
    private final URI weather;
    private final URI datetime;
    private final URI echo;

    /** @param servers weather, datetime and echo */
    DemoTraffic(DemoStage stage, List<RunningServers.Member> servers) {
        this.stage = stage;
        this.weather = servers.get(0).uri();
        this.datetime = servers.get(1).uri();
        this.echo = servers.get(2).uri();
    }

    /** Goes on until the thread is interrupted. */
    void goOn() {
        List<Runnable> acts = acts();
        for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
            acts.get(i % acts.size()).run();
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private List<Runnable> acts() {
        Credential coordinator = stage.coordinator();
        Credential planner = stage.agent("planner");
        Credential reporter = stage.agent("reporter");
        Credential laptop = stage.agent("laptop-7");
        Credential stranger = stage.stranger();
        Credential expired = stage.expired();
        Credential corrupted = stage.corrupted();
        Map<String, Object> tokyo = Map.of("city", "Tokyo");
        Map<String, Object> noon = Map.of("time", "12:00", "from", "Tokyo", "to", "Paris");
        Map<String, Object> hello = Map.of("text", "hello");
        SpiffeId posing = SpiffeId.parse(stage.server("weather"));
        return List.of(
                () -> DemoCaller.call(stage, coordinator, weather, "getTemperature", tokyo),
                () -> DemoCaller.call(stage, coordinator, datetime, "getDateTime", tokyo),
                () -> DemoCaller.call(stage, planner, weather, "getForecast", tokyo),
                () -> DemoCaller.call(stage, laptop, echo, "echo", hello),
                () -> DemoCaller.call(stage, expired, weather, Optional.empty()),
                () -> DemoCaller.call(stage, reporter, datetime, "getDateTime", tokyo),
                () -> DemoCaller.call(stage, coordinator, echo, "echo", hello),
                () -> DemoCaller.call(stage, laptop, datetime, "convertTime", noon),
                () -> DemoCaller.call(stage, planner, echo, "echo", hello),
                () -> DemoCaller.call(stage, stranger, echo, Optional.empty()),
                () -> DemoCaller.call(stage, coordinator, weather, "getForecast", tokyo),
                () -> DemoCaller.call(stage, laptop, weather, "getTemperature", tokyo),
                () -> DemoCaller.callWithoutCertificate(stage.anchors(), datetime),
                () -> DemoCaller.call(stage, reporter, weather, "getTemperature", tokyo),
                () -> DemoCaller.call(stage, corrupted, echo, Optional.empty()),
                () -> DemoCaller.call(stage, coordinator, echo, Optional.of(posing)));
    }
}
