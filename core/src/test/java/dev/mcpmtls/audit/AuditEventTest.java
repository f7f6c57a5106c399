// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.Action;
import dev.mcpmtls.audit.AuditEvent.Outcome;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuditEventTest {

    @Test
    void namesWhatHappenedAndWhetherItSucceeded() {
        AuditEvent reloaded = new AuditEvent.TrustReloaded(Instant.EPOCH, "crl.pem");
        AuditEvent summarised =
                new AuditEvent.RejectionsSummarised(Instant.EPOCH, Instant.EPOCH, 1, Map.of(), Map.of());

        assertThat(reloaded.action().text()).isEqualTo("trust-reloaded");
        assertThat(reloaded.action().outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(summarised.action().text()).isEqualTo("tls-rejections-summarised");
        assertThat(summarised.action().outcome()).isEqualTo(Outcome.FAILURE);
    }

    /** An event without an action could not be recorded. */
    @ParameterizedTest
    @MethodSource("kinds")
    void everyEventHasOneActionOrDecidesWhich(Class<?> kind) throws NoSuchMethodException {
        Method action = kind.getMethod("action");

        assertThat(Action.EVENTS.containsKey(kind)).isEqualTo(action.getDeclaringClass() == AuditEvent.class);
    }

    static Iterable<Class<?>> kinds() {
        return Arrays.asList(AuditEvent.class.getPermittedSubclasses());
    }
}
