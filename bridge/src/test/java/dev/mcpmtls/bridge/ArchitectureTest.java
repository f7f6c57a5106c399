// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bridge starts quickly because little is on its class path. */
@AnalyzeClasses(packages = "dev.mcpmtls.bridge", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule THE_PACKAGES_LOOK_AT_THE_REMOTE_SERVER_ALONE = slices().matching("dev.mcpmtls.bridge.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    resideInAnyPackage("dev.mcpmtls.bridge.connect", "dev.mcpmtls.bridge.client"),
                    resideInAPackage("dev.mcpmtls.bridge.remote"));

    @ArchTest
    static final ArchRule NOTHING_BINDS_OBJECTS_WHERE_A_START_IS_AWAITED = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.mcpmtls.bridge.connect..", "dev.mcpmtls.bridge.remote..", "dev.mcpmtls.bridge.client..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson.databind..");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.netty.channel.Channel",
                "io.vertx.core.Vertx",
                "reactor.core.publisher.Mono",
                "io.modelcontextprotocol.spec.McpSchema",
                "io.micrometer.core.instrument.MeterRegistry"
            })
    void hasNoOtherStackOnItsClassPath(String type) {
        assertThatThrownBy(() -> Class.forName(type)).isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void hasTheJdksOwn() throws Exception {
        assertThat(Class.forName("java.net.http.HttpClient")).isNotNull();
    }
}
