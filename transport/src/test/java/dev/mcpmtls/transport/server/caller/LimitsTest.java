// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitsTest {

    static Stream<RecordComponent> all() {
        return Stream.of(Limits.class.getRecordComponents());
    }

    @ParameterizedTest
    @MethodSource("all")
    void setsTheLimitThatItNamesAndNoOther(RecordComponent limit) throws ReflectiveOperationException {
        Limits built = set(limit, 50_000_000).build();
        for (RecordComponent other : Limits.class.getRecordComponents()) {
            // One body always fits into what one identity may have.
            boolean follows =
                    limit.getName().equals("maxBody") && other.getName().equals("requestBytesPerIdentity");
            Object expected = other.getName().equals(limit.getName()) || follows
                    ? value(other, 50_000_000)
                    : other.getAccessor().invoke(Limits.defaults());
            assertThat(other.getAccessor().invoke(built)).as(other.getName()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void refusesALimitThatIsNotPositiveByItsName(RecordComponent limit) {
        for (int value : new int[] {0, -1}) {
            assertThatThrownBy(() -> set(limit, value))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(limit.getName() + " must be positive, not ");
        }
    }

    private static Limits.Builder set(RecordComponent limit, int value) throws ReflectiveOperationException {
        Method setter = Limits.Builder.class.getMethod(limit.getName(), limit.getType());
        return (Limits.Builder) setter.invoke(Limits.builder(), value(limit, value));
    }

    private static Object value(RecordComponent limit, int value) {
        if (limit.getType() == Duration.class) {
            return Duration.ofSeconds(value);
        }
        return limit.getType() == long.class ? (Object) (long) value : (Object) value;
    }
}
