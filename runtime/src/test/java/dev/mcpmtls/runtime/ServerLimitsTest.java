// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.runtime.settings.Assignment;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.server.caller.Limits;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerLimitsTest {

    /** Limits for programs only. */
    private static final Set<String> NOT_SET = Set.of(
            "sessionIdleTimeout",
            "replayBytes",
            "maxHeaders",
            "maxJsonDepth",
            "maxUnsent",
            "keepAlive",
            "inputTimeout");

    static Stream<RecordComponent> set() {
        return Stream.of(Limits.class.getRecordComponents()).filter(limit -> !NOT_SET.contains(limit.getName()));
    }

    @Test
    void theSettingsHaveTheDefaultsOfTheLimits() {
        assertThat(ServerLimits.of(settings())).isEqualTo(Limits.defaults());
    }

    @ParameterizedTest
    @MethodSource("set")
    void aLimitIsSetByTheSettingOfItsName(RecordComponent limit) throws ReflectiveOperationException {
        boolean isTime = limit.getType() == Duration.class;
        // 9 MiB, because one peer may always have one body in memory, and the standard body is large.
        String text = isTime ? "7s" : limit.getName().endsWith("BytesPerIdentity") ? "9MiB" : "7";
        Limits limits = ServerLimits.of(settings(new Assignment(key(limit), List.of(text), "test")));
        Object value = limit.getAccessor().invoke(limits);
        assertThat(isTime ? value : (Object) ((Number) value).longValue())
                .isEqualTo(isTime ? Duration.ofSeconds(7) : (Object) (text.equals("7") ? 7L : 9L << 20));
    }

    /** The setting whose path without its group, or for {@code audit.timeout} with it, is the limit's name. */
    private static Key<?> key(RecordComponent limit) {
        String dashed = limit.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        List<String> paths = List.of("limits." + dashed, "http." + dashed, dashed.replace('-', '.'));
        return Keys.all().stream()
                .filter(key -> paths.contains(key.path()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no setting is named as the limit " + limit.getName()));
    }

    private static Settings settings(Assignment... given) {
        return Settings.gather(Optional.empty(), Map.of(), List.of(given));
    }
}
