// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Guarantees to a program that embeds the runtime. */
@AnalyzeClasses(packages = "dev.mcpmtls.runtime", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
            slices().matching("dev.mcpmtls.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule KNOWS_NO_COMMAND_LINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "ch.qos.logback..", "dev.mcpmtls.cli..", "dev.mcpmtls.coordinator..");

    @ArchTest
    static final ArchRule ENDS_NO_PROCESS = noClasses()
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);
}
