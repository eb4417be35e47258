/* A module for Python: how often each letter occurs. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *letters(PyObject *self, PyObject *text)
{
    const char *c;
    Py_ssize_t size;
    PyObject *counts, *key, *old, *now;

    if (!(c = PyUnicode_AsUTF8AndSize(text, &size)) || !(counts = PyDict_New()))
        return NULL;
    for (; size > 0; size--, c++) {
        if (*c < 'a' || *c > 'z')
            continue;
        key = PyUnicode_FromStringAndSize(c, 1);
        old = key ? PyDict_GetItemWithError(counts, key) : NULL;
        now = PyLong_FromLong(1 + (old ? PyLong_AsLong(old) : 0));
        if (!key || !now || PyDict_SetItem(counts, key, now) != 0)
            Py_CLEAR(counts);
        Py_XDECREF(key);
        Py_XDECREF(now);
        if (!counts)
            return NULL;
    }
    return counts;
}

static PyMethodDef methods[] = {{"letters", letters, METH_O, "counts the letters a to z"}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "counter", NULL, -1, methods};

PyMODINIT_FUNC PyInit_counter(void)
{
    return PyModule_Create(&module);
}
