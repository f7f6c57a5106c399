// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Telemetry knows OpenTelemetry's API, never its SDK: programs choose theirs. */
@AnalyzeClasses(packages = "dev.mcpmtls.telemetry", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule TELEMETRY_KNOWS_THE_API_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "io.opentelemetry.api..",
                    "io.opentelemetry.context..",
                    "dev.mcpmtls.identity..",
                    "dev.mcpmtls.protocol",
                    "dev.mcpmtls.protocol.observe",
                    "dev.mcpmtls.telemetry..");
}
