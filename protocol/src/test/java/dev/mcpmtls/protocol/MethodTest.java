// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MethodTest {

    @Test
    void isFoundByItsName() {
        assertThat(Arrays.asList(Method.values()))
                .allSatisfy(method -> assertThat(Method.of(method.text())).contains(method));
        assertThat(Method.of("tools/Call")).isEmpty();
    }

    /** As 2026-07-28 lists the requests that mirror a name, and the results that may be cached. */
    @Test
    void knowsWhichNameSomethingAndWhichMayBeCached() {
        assertThat(Arrays.stream(Method.values()).filter(Method::isCall).map(Method::text))
                .containsExactlyInAnyOrder("tools/call", "prompts/get", "resources/read");
        assertThat(Arrays.stream(Method.values()).filter(Method::isCacheable).map(Method::text))
                .containsExactlyInAnyOrder(
                        "tools/list",
                        "prompts/list",
                        "resources/list",
                        "resources/templates/list",
                        "resources/read",
                        "server/discover");
    }
}
